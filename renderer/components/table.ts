import { type Child, h, type View } from './view.ts'

export interface Row {
  key: string
  cells: readonly Child[]
}

interface TableParts {
  /** For screen readers. */
  caption: string
  columns: readonly string[]
  rows: readonly Row[]
  kind?: 'folding' | 'short'
}

/**
 * A table; one that is `folding` becomes a list of cards where it is narrow. The roles are spelled out because browsers forget them once
 * the display of the elements changes; the names of columns come along in each cell for the cards.
 */
export function table({ caption, columns, rows, kind = 'folding' }: TableParts): View {
  return h(
    'table',
    { role: 'table', class: `table ${kind}` },
    h('caption', { class: 'unseen' }, caption),
    h(
      'thead',
      { role: 'rowgroup' },
      h(
        'tr',
        { role: 'row' },
        columns.map((column) => h('th', { role: 'columnheader', scope: 'col', key: column }, column)),
      ),
    ),
    h(
      'tbody',
      { role: 'rowgroup' },
      rows.map(({ key, cells }) =>
        h(
          'tr',
          { role: 'row', key },
          cells.map((cell, index) => h('td', { role: 'cell', 'data-label': columns[index], key: index }, cell)),
        ),
      ),
    ),
  )
}
