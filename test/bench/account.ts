import { registeredSchema } from '../../node/api/accounts.ts'
import { tokensSchema } from '../../node/api/sessions.ts'
import type { UserId } from '../../node/base/ids.ts'
import { ask } from '../kit/client.ts'

const PASSWORD = 'correct horse battery'

/** An account of a database that is kept: made once, logged in to by every run. */
export async function register(address: string, username: string): Promise<UserId> {
  const { text } = await ask(address, 'POST', '/users/register', { body: { username, password: PASSWORD } })
  return registeredSchema.parse(JSON.parse(text)).user_id as UserId
}

/** Gives an access token. */
export async function logIn(address: string, username: string): Promise<string> {
  const body = { identifier: username, secret: PASSWORD, device: { device_id: 'bench' } }
  const { text } = await ask(address, 'POST', '/sessions/login', { body })
  return tokensSchema.parse(JSON.parse(text)).access_token
}
