export interface AdmissionLimits {
  readonly total: number
  readonly perUser: number
}

/** Counts open sockets, in all and per user. */
export interface Admission {
  /** Takes a place and gives the way to leave it, or undefined when there is none left. */
  enter(userId: string): (() => void) | undefined
  open(): number
}

export function createAdmission({ total, perUser }: AdmissionLimits): Admission {
  const byUser = new Map<string, number>()
  let open = 0

  return {
    open: () => open,
    enter(userId) {
      const own = byUser.get(userId) ?? 0
      if (open >= total || own >= perUser) return undefined
      open += 1
      byUser.set(userId, own + 1)
      return () => {
        open -= 1
        const left = (byUser.get(userId) ?? 1) - 1
        if (left === 0) byUser.delete(userId)
        else byUser.set(userId, left)
      }
    },
  }
}
