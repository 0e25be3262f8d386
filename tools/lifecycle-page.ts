import { isFinal, type TransitionName, transitions } from '../core/site/lifecycle.ts'
import type { SiteStatus } from '../core/site/site.ts'

/** The compiler requires an entry for each status. */
const meanings: Readonly<Record<SiteStatus, string>> = {
  building: 'A workflow creates its storage and starts its containers, for an owner or for the pool.',
  ready: 'Running in the pool, without an owner.',
  active: 'It has an owner and serves visitors.',
  asleep: 'Nobody used it, so its containers are stopped. The next visitor wakes it.',
  failed: 'The build failed. Its hostname is free again, and its account can use the trial again.',
  suspended: 'Its containers are stopped; its data is in place.',
  archived: 'A verified copy of its data is kept; its containers and disk are deleted.',
  purged: 'Only a tombstone is left, which reserves its hostname.',
}

const names = Object.keys(transitions).filter((name): name is TransitionName => name in transitions)
const statuses = Object.keys(meanings).filter((status): status is SiteStatus => status in meanings)

/** Only transitions that change the status; the table below the diagram has all of them. */
const arrows = names.flatMap((name) => {
  const { from, to } = transitions[name]
  if (to === 'same') return []
  const origins: readonly string[] = from.length === 0 ? ['[*]'] : from
  return origins.map((origin) => `  ${origin} --> ${to}: ${name}`)
})
const ends = statuses.filter(isFinal).map((status) => `  ${status} --> [*]`)

const transitionRows = names.map((name) => {
  const { from, to, event } = transitions[name]
  const origins = from.map((status) => `\`${status}\``).join(', ') || 'none'
  const target = to === 'same' ? 'unchanged' : `\`${to}\``
  return `| ${name} | ${origins} | ${target} | \`${event}\` |`
})

/** Renders docs/lifecycle.md, a diagram and two tables, from the table of transitions. */
export const lifecyclePage = (): string => `# Lifecycle of a site

<!-- Generated from core/site/lifecycle.ts. Change the table there, then run: node tools/generate-docs.ts -->

A site has one status. Each transition writes the new state and its event in one transaction, on condition of the version
and the status before. The diagram shows only transitions that change the status.

\`\`\`mermaid
stateDiagram-v2
${[...arrows, ...ends].join('\n')}
\`\`\`

| status | meaning |
| --- | --- |
${statuses.map((status) => `| \`${status}\` | ${meanings[status]} |`).join('\n')}

| transition | from | to | event |
| --- | --- | --- | --- |
${transitionRows.join('\n')}
`
