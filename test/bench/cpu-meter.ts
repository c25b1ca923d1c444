import { readdirSync, readFileSync } from 'node:fs'
import { platform } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

/** Cores in use on average while the meter ran. */
export interface CpuUse {
  /** This process and all it started: load and nodes. */
  own: number
  /** Everything else on the machine; a figure taken beside much of it is too low. */
  other: number
}

/** The unit of `/proc`; fixed at 100 a second for programs on Linux. */
const TICKS_PER_SECOND = 100

/** Starts measuring; the result ends it. Undefined on systems without `/proc`. */
export function startCpuMeter(): () => CpuUse | undefined {
  if (platform() !== 'linux') return () => undefined
  const before = readTicks()
  const startedAt = performance.now()
  return () => {
    const after = readTicks()
    const available = ((performance.now() - startedAt) / 1000) * TICKS_PER_SECOND
    const own = after.own - before.own
    const other = Math.max(0, after.busy - before.busy - own)
    return { own: own / available, other: other / available }
  }
}

/** A run that begins while others are busy measures them too. */
const QUIET_CORES = 0.25
const LOOK_MS = 2_000

/** Waits until the rest of the machine is quiet, but not for ever: the figure beside the run tells what was going on. */
export async function untilQuiet(patienceMs: number): Promise<void> {
  const deadline = performance.now() + patienceMs
  while (performance.now() < deadline) {
    const stop = startCpuMeter()
    await sleep(LOOK_MS)
    if ((stop()?.other ?? 0) < QUIET_CORES) return
  }
}

function readTicks(): { busy: number; own: number } {
  const [line = ''] = readFileSync('/proc/stat', 'latin1').split('\n')
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line.split(/\s+/).slice(1).map(Number)
  return { busy: user + nice + system + irq + softirq + steal, own: ticksOfTree() }
}

interface ProcessTicks {
  parent: number
  ticks: number
}

/** Of this process and its descendants, ended ones included once their parent has noticed. */
function ticksOfTree(): number {
  const processes = new Map<number, ProcessTicks>()
  for (const name of readdirSync('/proc')) {
    const found = /^\d+$/.test(name) ? readProcess(name) : undefined
    if (found !== undefined) processes.set(Number(name), found)
  }
  return [...processes].filter(([pid]) => isOurs(pid, processes)).reduce((total, [, { ticks }]) => total + ticks, 0)
}

function isOurs(pid: number, processes: ReadonlyMap<number, ProcessTicks>): boolean {
  for (let at: number | undefined = pid; at !== undefined; at = processes.get(at)?.parent) {
    if (at === process.pid) return true
  }
  return false
}

function readProcess(pid: string): ProcessTicks | undefined {
  try {
    // The name in brackets may hold anything, so fields count from its end.
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ')
    const ticks = fields.slice(11, 15).reduce((total, field) => total + Number(field), 0)
    return { parent: Number(fields[1]), ticks }
  } catch {
    return undefined // It has ended meanwhile.
  }
}
