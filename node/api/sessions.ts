import { z } from 'zod'
import type { Device, IssuedTokens } from '../services/sessions.ts'
import { presentTime, timeSchema } from './times.ts'

export const loginSchema = z
  .object({
    identifier: z.string().describe('The username'),
    secret: z.string().describe('The password'),
    device: z
      .object({
        device_id: z.string().describe('Chosen by the client, the same at every login; one session per device'),
        device_name: z.string().nullish(),
        ip_address: z
          .string()
          .nullish()
          .describe('Shown in the device list; what the node itself sees behind a proxy wins'),
      })
      .nullish()
      .describe('Required; a login without it is answered with a field error'),
  })
  .meta({ id: 'Login' })

export const refreshTokenSchema = z.object({ refresh_token: z.string() }).meta({ id: 'RefreshToken' })

export const tokensSchema = z
  .object({
    access_token: z.string().describe('For `Authorization: Bearer`; opaque'),
    access_expires_at: timeSchema('12 hours from now'),
    refresh_token: z.string().describe('Works once; opaque'),
    refresh_expires_at: timeSchema('30 days from now'),
  })
  .meta({ id: 'Tokens' })

export const presentTokens = (tokens: IssuedTokens): z.output<typeof tokensSchema> => ({
  access_token: tokens.accessToken,
  access_expires_at: presentTime(tokens.accessExpiresAt),
  refresh_token: tokens.refreshToken,
  refresh_expires_at: presentTime(tokens.refreshExpiresAt),
})

export const deviceIdParam = z.string().min(1).max(256).describe('As given at login')

export const deviceSchema = z
  .object({
    device_id: z.string(),
    device_name: z.string().nullable(),
    last_seen_at: timeSchema('Last login or refresh'),
    ip_address: z.string().nullable(),
    user_agent: z.string().nullable(),
    current: z.boolean().describe('Whether it is the device that asks'),
  })
  .meta({ id: 'Device' })

export const presentDevice = (device: Device, callerSessionId: string): z.output<typeof deviceSchema> => ({
  device_id: device.deviceId,
  device_name: device.deviceName ?? null,
  last_seen_at: presentTime(device.lastUsedAt),
  ip_address: device.ipAddress ?? null,
  user_agent: device.userAgent ?? null,
  current: device.sessionId === callerSessionId,
})
