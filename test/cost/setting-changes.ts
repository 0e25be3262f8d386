import type { Bill } from './cost-line.ts'
import { markdownTable } from './figures.ts'

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1)

/** The lines that each setting changes, by part of a bill, in the order of the bills. */
export const changesOfSettings = (
  bills: readonly Bill[],
): ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>> => {
  const changes = new Map<string, Map<string, Set<string>>>()
  for (const { name, lines } of bills.flat()) {
    for (const { item, settings } of lines.filter(({ usd }) => usd > 0)) {
      for (const setting of settings) {
        const parts = changes.get(setting) ?? new Map<string, Set<string>>()
        changes.set(setting, parts.set(name, (parts.get(name) ?? new Set()).add(lowerFirst(item))))
      }
    }
  }
  return changes
}

/** One row for each setting; a setting that changes a whole part is described in two words. */
export const settingTable = (bills: readonly Bill[]): string => {
  const itemsOf = new Map(
    bills.flat().map(({ name, lines }) => [name, new Set(lines.filter(({ usd }) => usd > 0).map(({ item }) => item))]),
  )
  const rows = [...changesOfSettings(bills)].map(([setting, parts]) => [
    `\`${setting}\``,
    [...parts]
      .map(([part, items]) =>
        items.size > 1 && items.size === itemsOf.get(part)?.size
          ? `**${part}**: all lines`
          : `**${part}**: ${[...items].join(', ')}`,
      )
      .join('; '),
  ])
  return markdownTable(['setting', 'lines'], rows)
}
