import { z } from 'zod'
import { registeredSchema } from '../../node/api/accounts.ts'
import { channelSchema } from '../../node/api/channels.ts'
import { guildSchema } from '../../node/api/guilds.ts'
import { createdInviteSchema } from '../../node/api/invites.ts'
import { memberSchema } from '../../node/api/members.ts'
import { sentMessageSchema } from '../../node/api/messages.ts'
import { tokensSchema } from '../../node/api/sessions.ts'
import { bearer } from './http.ts'
import { type ChannelSocket, type Heard, openChannelSocket, toHeard } from './channel-socket.ts'

export type SentMessage = z.output<typeof sentMessageSchema>

export interface InviteTerms {
  max_uses?: number
  expires_in_secs?: number
}

/** What a node answered, whatever the status. */
export interface Answer {
  status: number
  text: string
  headers: Headers
  /** Of an error body; undefined where there is none. */
  code: string | undefined
}

/** The node answered something other than success. */
export class RefusedError extends Error {
  readonly answer: Answer

  constructor(what: string, answer: Answer) {
    super(`${what}: ${answer.status} ${answer.text}`)
    this.name = 'RefusedError'
    this.answer = answer
  }
}

/** One signed-in user of one node. All but `ask` throw `RefusedError` for anything but success. */
export type Client = Awaited<ReturnType<typeof signUp>>

const PASSWORD = 'correct horse battery'
const PAGE = 200

/** One request; a string body goes out as it is, anything else as JSON. */
export async function ask(address: string, method: string, path: string, options: AskOptions = {}): Promise<Answer> {
  const { body, token, headers = {} } = options
  const response = await fetch(address + path, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...bearer(token), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, text, headers: response.headers, code: codeOf(text) }
}

export interface AskOptions {
  body?: unknown
  token?: string | undefined
  headers?: Record<string, string>
}

/**
 * Registers an account and logs in. `address` is asked before each request, because a node may come back on another port;
 * tokens outlive that.
 */
export async function signUp(address: () => string, username: string) {
  const account = { username, password: PASSWORD }
  const { user_id: userId } = read(
    registeredSchema,
    await succeed('register', ask(address(), 'POST', '/users/register', { body: account })),
  )
  let token = await login()

  async function login(): Promise<string> {
    const body = { identifier: username, secret: PASSWORD, device: { device_id: `device of ${username}` } }
    return read(tokensSchema, await succeed('login', ask(address(), 'POST', '/sessions/login', { body }))).access_token
  }

  const request = (method: string, path: string, body?: unknown) => ask(address(), method, path, { body, token })
  const call = <Schema extends z.ZodType>(schema: Schema, [method, path, body]: [string, string, unknown?]) =>
    succeed(`${method} ${path}`, request(method, path, body)).then((answer) => read(schema, answer))

  const page = async (channelId: string, query: string): Promise<Heard[]> => {
    const envelopes = await call(z.array(z.unknown()), ['GET', `/channels/${channelId}/events?${query}`])
    return envelopes.map(toHeard)
  }

  return {
    userId,
    username,
    /** For sockets and requests made by hand. */
    token: () => token,
    async logIn(): Promise<void> {
      token = await login()
    },
    /** The answer as it is. */
    ask: request,
    guilds: () => call(z.array(guildSchema), ['GET', '/guilds']),
    createGuild: (name: string) => call(guildSchema, ['POST', '/guilds', { name }]),
    channels: (guildId: string) => call(z.array(channelSchema), ['GET', `/guilds/${guildId}/channels`]),
    createChannel: (guildId: string, name: string) =>
      call(channelSchema, ['POST', `/guilds/${guildId}/channels`, { name }]),
    members: (guildId: string) => call(z.array(memberSchema), ['GET', `/guilds/${guildId}/members`]),
    invite: (guildId: string, terms: InviteTerms = {}) =>
      call(createdInviteSchema, ['POST', `/guilds/${guildId}/invites`, terms]),
    join: (link: string) => call(guildSchema, ['POST', '/guilds/join', { link }]),
    post: (channelId: string, content: string, txnId?: string): Promise<SentMessage> =>
      call(sentMessageSchema, ['POST', `/channels/${channelId}/messages`, { sender: '', content, txn_id: txnId }]),
    page,
    /** All messages of a channel, oldest first, fetched page by page. */
    async history(channelId: string): Promise<Heard[]> {
      const heard: Heard[] = []
      for (;;) {
        const next = await page(channelId, `limit=${PAGE}&since=${heard.at(-1)?.sequence ?? 0}`)
        heard.push(...next)
        if (next.length < PAGE) return heard
      }
    },
    /** Live frames of a channel, after a replay of its newest messages. */
    listen: (channelId: string): Promise<ChannelSocket> => openChannelSocket(address(), channelId, token),
  }
}

async function succeed(what: string, pending: Promise<Answer>): Promise<Answer> {
  const answer = await pending
  if (answer.status >= 300) throw new RefusedError(what, answer)
  return answer
}

const read = <Schema extends z.ZodType>(schema: Schema, answer: Answer): z.output<Schema> =>
  schema.parse(JSON.parse(answer.text))

function codeOf(text: string): string | undefined {
  try {
    return z.object({ error: z.string() }).safeParse(JSON.parse(text)).data?.error
  } catch {
    return undefined
  }
}
