/** What a route answers. The body is serialised already, so that hot paths can splice stored event text unparsed. */
export interface Reply {
  status: number
  /** Absent together with `body`. */
  contentType?: string
  body?: string | Uint8Array
  /** Further headers; they win over those the edge sets. */
  headers?: Readonly<Record<string, string>>
}

const JSON_TYPE = 'application/json'
const TEXT_TYPE = 'text/plain; charset=utf-8'

export const json = (status: number, value: unknown): Reply => rawJson(status, JSON.stringify(value))

/** `body` must be JSON text. */
export const rawJson = (status: number, body: string | Uint8Array): Reply => ({ status, contentType: JSON_TYPE, body })

export const text = (status: number, body: string): Reply => ({ status, contentType: TEXT_TYPE, body })

export const empty = (status: number): Reply => ({ status })

export const withHeaders = (reply: Reply, headers: Readonly<Record<string, string>>): Reply => ({
  ...reply,
  headers: { ...reply.headers, ...headers },
})
