import type { Row } from './row.ts'
import { catchUp } from './rows/catch-up.ts'
import { fanOut } from './rows/fan-out.ts'
import { flood } from './rows/flood.ts'
import { join } from './rows/join.ts'
import { databaseSize, page, start } from './rows/large-log.ts'
import { memory } from './rows/memory.ts'
import { partition } from './rows/partition.ts'
import { postMany } from './rows/post-many.ts'
import { postOne } from './rows/post-one.ts'
import { twoNodes } from './rows/two-nodes.ts'

/** In the order of design section 11. */
export const ROWS: readonly Row[] = [
  postOne,
  postMany,
  fanOut,
  twoNodes,
  catchUp,
  flood,
  join,
  page,
  start,
  memory,
  databaseSize,
  partition,
]
