import { type Child, h, type View } from './view.ts'

export interface Row {
  key: string
  cells: readonly Child[]
}

/**
 * A table that becomes a list of cards where it is narrow. The roles are spelled out because browsers forget them once
 * the display of the elements changes; the names of columns come along in each cell for the cards.
 */
export function table(caption: string, columns: readonly string[], rows: readonly Row[]): View {
  return h(
    'table',
    { role: 'table', class: 'table' },
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
