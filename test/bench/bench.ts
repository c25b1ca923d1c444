import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { messageOf } from '../../node/base/errors.ts'
import { startCpuMeter, untilQuiet } from './cpu-meter.ts'
import { describeMachine } from './machine.ts'
import { type BenchOptions, parseOptions } from './options.ts'
import { formatTable, type RowResult, type RunResult, writeResults } from './report.ts'
import type { Row } from './row.ts'
import { ROWS } from './rows.ts'

// The process of this script makes the load; the nodes are processes of their own.

/** As much as a cell of the table bears. */
const REASON_CHARACTERS = 160
const PROJECT = fileURLToPath(new URL('../../', import.meta.url))

const options = parseOptions(
  process.argv.slice(2),
  ROWS.map((row) => row.name),
)
if (options.list) for (const row of ROWS) print(`${row.name.padEnd(14)} ${row.title}`)
else await bench(options)

async function bench({ only, profile, ...settings }: BenchOptions): Promise<void> {
  if (profile !== undefined) profileChildren(resolve(profile))
  const machine = describeMachine()
  print(
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGib} GiB, ${machine.system}, Node ${machine.node}, ${machine.commit}`,
  )
  const results: RowResult[] = []
  for (const row of ROWS.filter(({ name }) => only.length === 0 || only.includes(name))) {
    results.push(await runRow(row, settings))
  }
  print(`\n${formatTable(results)}\n`)
  print(writeResults(join(PROJECT, 'bench-results'), machine, results))
  if (results.some(({ runs }) => runs.some((run) => run.kind === 'failed'))) process.exitCode = 1
}

type RunSettings = Pick<BenchOptions, 'runs' | 'quick' | 'patienceMs'>

async function runRow(row: Row, { runs, quick, patienceMs }: RunSettings): Promise<RowResult> {
  const done: RunResult[] = []
  for (let run = 1; run <= runs; run += 1) {
    print(`${row.title}, run ${run} of ${runs}`)
    if (!quick) await untilQuiet(patienceMs)
    done.push(await runOnce(row, quick))
  }
  return { row, runs: done }
}

async function runOnce(row: Row, quick: boolean): Promise<RunResult> {
  const workDir = mkdtempSync(join(tmpdir(), 'openguild-bench-'))
  const cacheDir = join(PROJECT, '.data', 'bench')
  const stopMeter = startCpuMeter()
  try {
    const figures = await row.run({ quick, workDir, cacheDir, say: (what) => print(`  ${what}`) })
    const cpu = stopMeter()
    print(`  ${JSON.stringify({ ...figures, ...(cpu === undefined ? {} : { other_cpu_cores: cpu.other }) })}`)
    return { kind: 'measured', figures, cpu }
  } catch (error) {
    print(`  failed: ${messageOf(error)}`)
    return { kind: 'failed', reason: messageOf(error).replaceAll(/\s+/g, ' ').slice(0, REASON_CHARACTERS) }
  } finally {
    rmSync(workDir, { recursive: true, force: true })
  }
}

function profileChildren(directory: string): void {
  mkdirSync(directory, { recursive: true })
  // What Node itself reads, for the processes started from here.
  process.env['NODE_OPTIONS'] = `--cpu-prof --cpu-prof-dir=${directory}`
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
