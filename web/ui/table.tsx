import { type KeyboardEvent, type ReactNode, useState } from 'react'
import type { ui } from '../texts/catalogues/ui.ts'
import { useTexts } from '../texts/texts.ts'
import { Button } from './button.tsx'

export interface Column<Row> {
  readonly title: string
  readonly cell: (row: Row) => ReactNode
  /** Hidden below this width. */
  readonly from?: 'medium' | 'wide'
  /** A state stands beside the first column on a phone. */
  readonly variant?: 'number' | 'state'
  /** How dark a cell is, from 0 to 1. */
  readonly shade?: (row: Row) => number
}

interface TableProps<Row> {
  readonly caption: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly idOf: (row: Row) => string
  /** Where a row goes. The link is in the first cell, and the whole row can be pressed. */
  readonly hrefOf?: (row: Row) => string
  /** What stands in its place without rows. */
  readonly none?: ReactNode
}

const moveFocus = (event: KeyboardEvent<HTMLElement>): void => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>('a.row-link')]
  const place = links.findIndex((link) => link.contains(document.activeElement))
  const next = step === undefined || place < 0 ? undefined : links[place + step]
  if (next === undefined) return
  event.preventDefault()
  next.focus()
}

/** More at once would make a page slow. */
const rowsAtOnce = 60

/** So light that text stays readable on it. */
const shadeOf = (share: number): string => `color-mix(in oklab, var(--accent) ${Math.round(share * 35)}%, transparent)`

/** Rows of the same kind, 60 more at each press; on a phone a card of each, with all columns. Up and down move between rows that go somewhere. */
export const Table = <Row,>({ caption, columns, rows, idOf, hrefOf, none }: TableProps<Row>) => {
  const { t } = useTexts<keyof typeof ui>()
  const [max, setMax] = useState(rowsAtOnce)
  if (rows.length === 0 && none !== undefined) return none
  return (
    <>
      <table className="table">
        <caption>{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ title, from, variant }) => (
              <th key={title} scope="col" data-from={from} data-variant={variant}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody onKeyDown={moveFocus}>
          {rows.slice(0, max).map((row) => (
            <tr key={idOf(row)}>
              {columns.map(({ title, cell, from, variant, shade }, index) => {
                const content = cell(row)
                return (
                  <td
                    key={title}
                    data-title={title}
                    data-from={from}
                    data-variant={variant}
                    // On a phone, a line without a value is left out.
                    data-none={content === '–' ? '' : undefined}
                    style={shade && { backgroundColor: shadeOf(shade(row)) }}
                  >
                    {index === 0 && hrefOf !== undefined ? (
                      <a className="row-link" href={hrefOf(row)}>
                        {content}
                      </a>
                    ) : (
                      content
                    )}
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > max ? (
        <div className="actions">
          <Button tone="quiet" onClick={() => setMax(max + rowsAtOnce)}>
            {t('table.more')}
          </Button>
        </div>
      ) : null}
    </>
  )
}

/** Lets a table with many columns be scrolled to the side, also by keys. */
export const WideTable = ({ caption, children }: { readonly caption: string; readonly children: ReactNode }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls needs the focus.
  <section className="table-scroll" aria-label={caption} tabIndex={0}>
    {children}
  </section>
)
