import type { Row } from './row.ts'
import { catchUp } from './rows/catch-up.ts'
import { fanOut } from './rows/fan-out.ts'
import { postMany } from './rows/post-many.ts'
import { postOne } from './rows/post-one.ts'
import { twoNodes } from './rows/two-nodes.ts'

/** In the order of design section 11. */
export const ROWS: readonly Row[] = [postOne, postMany, fanOut, twoNodes, catchUp]
