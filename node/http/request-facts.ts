/** What handlers may know about the request beside its parsed input. */
export interface RequestFacts {
  /** Request id, echoed as `x-request-id` and on every log line. */
  readonly id: string
  /** Where it comes from: the socket's peer, or what a trusted proxy says in `x-forwarded-for`. */
  readonly address: string
  /** The same, but only when a trusted proxy named it. */
  readonly forwardedAddress: string | undefined
  /** Whether the caller is on this computer, with no proxy between. */
  readonly isLocal: boolean
  /** Header by lower-case name; of a repeated one the values joined by commas. */
  header(name: string): string | undefined
}
