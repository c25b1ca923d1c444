import { parseKeyStatement } from '../../key-statement.ts'
import type { KeyStatement } from '../../schema/content.ts'
import { remembered } from '../../state/remembered.ts'
import type { Rule } from '../rule.ts'
import { refuse } from '../verdict.ts'

const isGenuine = remembered((statement: KeyStatement) => parseKeyStatement(statement).kind === 'valid')

/** Any member of the node may carry its statement: what makes it genuine is the signature of the node's identity. */
export const nodeKeys: Rule<'node.keys'> = {
  check(act, state) {
    const { statement } = act.content
    if (statement.peer_id !== act.origin_server)
      return refuse('foreign_statement', 'The key statement is of another node.')
    if (statement.sequence <= (state.nodeKeys.get(act.origin_server)?.sequence ?? 0))
      return refuse('stale_statement', 'The guild knows this key statement or a later one.')
    return isGenuine(statement) ? undefined : refuse('bad_statement', 'The key statement is not genuine.')
  },
  apply(event, state) {
    const known = { sequence: event.content.statement.sequence, keysEvent: event.event_id }
    return { ...state, nodeKeys: state.nodeKeys.with(event.origin_server, known) }
  },
}
