import { AppError, type FieldError } from '../base/errors.ts'
import { trimWhiteSpace } from '../events/schema/text.ts'

/** A login as the client words it; nothing is trimmed or checked yet. */
export interface LoginRequest {
  identifier: string
  secret: string
  device: { deviceId: string; deviceName: string | undefined; ipAddress: string | undefined } | undefined
  userAgent: string | undefined
  /** Where the request comes from; counts for limits. */
  address: string
  /** The same when a trusted proxy named it; it wins over what the client says about itself. */
  forwardedAddress: string | undefined
}

export interface Login {
  username: string
  password: string
  device: {
    deviceId: string
    deviceName: string | undefined
    userAgent: string | undefined
    ipAddress: string | undefined
  }
}

const REQUIRED = 'must be provided'
const MAX_DEVICE_ID = 256
const MAX_SHOWN = 512

/** Throws `validation_error` with all fields at fault: identifier, secret, device (contract 2.4). */
export function readLogin(request: LoginRequest): Login {
  const username = trimWhiteSpace(request.identifier)
  const password = trimWhiteSpace(request.secret)
  const deviceId = request.device && trimWhiteSpace(request.device.deviceId)
  const details = [
    ...(username === '' ? [{ field: 'identifier', message: REQUIRED }] : []),
    ...(password === '' ? [{ field: 'secret', message: REQUIRED }] : []),
    ...deviceProblems(deviceId),
  ]
  if (details.length > 0 || deviceId === undefined) {
    throw new AppError('validation_error', 'This login cannot be read', { details })
  }
  return {
    username,
    password,
    device: {
      deviceId,
      deviceName: shown(request.device?.deviceName),
      userAgent: shown(request.userAgent),
      ipAddress: request.forwardedAddress ?? shown(request.device?.ipAddress) ?? request.address,
    },
  }
}

function deviceProblems(deviceId: string | undefined): FieldError[] {
  if (deviceId === undefined) return [{ field: 'device', message: REQUIRED }]
  if (deviceId === '') return [{ field: 'device.device_id', message: REQUIRED }]
  if (deviceId.length <= MAX_DEVICE_ID) return []
  return [{ field: 'device.device_id', message: `must be at most ${MAX_DEVICE_ID} characters long` }]
}

/** For people to recognise a device by: blank counts as absent, and nobody reads more than a few lines. */
function shown(text: string | undefined): string | undefined {
  const trimmed = trimWhiteSpace(text ?? '').slice(0, MAX_SHOWN)
  return trimmed === '' ? undefined : trimmed.toWellFormed()
}

/** Throws `validation_error` for a blank one. */
export function readRefreshToken(raw: string): string {
  const token = trimWhiteSpace(raw)
  if (token !== '') return token
  const details = [{ field: 'refresh_token', message: REQUIRED }]
  throw new AppError('validation_error', 'The refresh token is missing', { details })
}
