import type {
  CreatedInviteBody,
  GuildBody,
  InviteTermsBody,
  NodeStatusBody,
  UserBody,
} from '../node/api/admin/shapes.ts'

/** The admin API of the node that served this page. Every call throws `Refused` or `Unreachable`. */
export interface AdminApi {
  status(): Promise<NodeStatusBody>
  users(): Promise<UserBody[]>
  addUser(account: { username: string; password: string }): Promise<UserBody>
  createInvite(guildId: string, terms: InviteTermsBody & ActingAs): Promise<CreatedInviteBody>
  join(invitation: { link: string } & ActingAs): Promise<GuildBody>
  addPeer(address: string): Promise<void>
  forgetPeer(peerId: string): Promise<void>
  blockPeer(peerId: string): Promise<void>
  unblockPeer(peerId: string): Promise<void>
}

/** Username of the account to act for; the first owner of the node when absent. */
export interface ActingAs {
  as?: string | undefined
}

/** The node answered, and the answer is no. The message is for people. */
export class Refused extends Error {
  override name = 'Refused'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** The node did not answer, or could not. */
export class Unreachable extends Error {
  override name = 'Unreachable'
}

const ANSWER_MS = 10_000
/** Joining dials the inviter and fetches the law of the guild first. */
const JOIN_MS = 90_000

export function createAdminApi(token: string): AdminApi {
  const call = <T>(request: ApiRequest) => callNode<T>(token, request)
  const ofPeer = (peerId: string) => `peers/${encodeURIComponent(peerId)}`
  return {
    status: () => call({ method: 'GET', path: 'status' }),
    users: () => call({ method: 'GET', path: 'users' }),
    addUser: (body) => call({ method: 'POST', path: 'users', body }),
    createInvite: (guildId, body) =>
      call({ method: 'POST', path: `guilds/${encodeURIComponent(guildId)}/invites`, body }),
    join: (body) => call({ method: 'POST', path: 'join', body, timeoutMs: JOIN_MS }),
    addPeer: (address) => call({ method: 'POST', path: 'peers', body: { address } }),
    forgetPeer: (peerId) => call({ method: 'DELETE', path: ofPeer(peerId) }),
    blockPeer: (peerId) => call({ method: 'PUT', path: `${ofPeer(peerId)}/block` }),
    unblockPeer: (peerId) => call({ method: 'DELETE', path: `${ofPeer(peerId)}/block` }),
  }
}

interface ApiRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below `/admin/v1/`. */
  path: string
  body?: unknown
  timeoutMs?: number
}

async function callNode<T>(token: string, request: ApiRequest): Promise<T> {
  const response = await send(token, request)
  const body = await readBody(response)
  if (response.status >= 500 && !isRefusal(body)) throw new Unreachable(`It answered with status ${response.status}.`)
  if (!response.ok) throw new Refused(response.status, messageOf(body) ?? `The node answered ${response.status}.`)
  // The page and the node it speaks to are of one version: the shapes are the schemas the node answers by.
  return body as T
}

async function send(token: string, { method, path, body, timeoutMs = ANSWER_MS }: ApiRequest): Promise<Response> {
  const headers = new Headers({ authorization: `Bearer ${token}` })
  if (body !== undefined) headers.set('content-type', 'application/json')
  try {
    return await fetch(new URL(`v1/${path}`, location.href), {
      method,
      headers,
      cache: 'no-store',
      credentials: 'omit',
      signal: AbortSignal.timeout(timeoutMs),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  } catch (error) {
    throw new Unreachable(whyUnreachable(error, timeoutMs), { cause: error })
  }
}

const whyUnreachable = (error: unknown, timeoutMs: number): string =>
  error instanceof DOMException && error.name === 'TimeoutError'
    ? `It did not answer within ${timeoutMs / 1000} seconds.`
    : 'Nothing answers at this address.'

async function readBody(response: Response): Promise<unknown> {
  try {
    const text = await response.text()
    return text === '' ? undefined : JSON.parse(text)
  } catch (error) {
    throw new Unreachable('Its answer could not be read.', { cause: error })
  }
}

interface RefusalBody {
  message: string
  details?: { field: string; message: string }[]
}

const isRefusal = (body: unknown): body is RefusalBody =>
  typeof body === 'object' && body !== null && 'message' in body && typeof body.message === 'string'

/** With what is wrong field by field, where the node says so. */
function messageOf(body: unknown): string | undefined {
  if (!isRefusal(body)) return undefined
  const fields = (body.details ?? []).map(({ field, message }) => `${field} ${message}`)
  return asSentence(fields.length === 0 ? body.message : fields.join('; '))
}

const asSentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`)
