import type { TransitionName } from '../core/site/lifecycle.ts'
import { isFinal, transitions } from '../core/site/lifecycle.ts'
import type { SiteStatus } from '../core/site/site.ts'

/** Every status has to be explained, or this does not compile. */
const meanings: Readonly<Record<SiteStatus, string>> = {
  building: 'A workflow makes its storage and starts its containers, for an owner or for the pool.',
  ready: 'Finished and answering, in the pool. Nobody owns it yet.',
  active: 'Somebody owns it and it serves its visitors.',
  failed: 'It could not be built. Its hostname is free again and its account has the trial back.',
  suspended: 'Its compute is stopped and its data is in place.',
  archived: 'A verified copy of its data is kept; its compute and disk are gone.',
  purged: 'Nothing of it is left but a tombstone, which keeps its hostname from strangers.',
}

const names = Object.keys(transitions).filter((name): name is TransitionName => name in transitions)
const statuses = Object.keys(meanings).filter((status): status is SiteStatus => status in meanings)

/** What leaves a site's status alone is in the table below the diagram, which it would crowd. */
const arrows = names.flatMap((name) => {
  const { from, to } = transitions[name]
  if (to === 'same') return []
  const origins: readonly string[] = from.length === 0 ? ['[*]'] : from
  return origins.map((origin) => `  ${origin} --> ${to}: ${name}`)
})
const ends = statuses.filter(isFinal).map((status) => `  ${status} --> [*]`)

const transitionRows = names.map((name) => {
  const { from, to, event } = transitions[name]
  const origins = from.map((status) => `\`${status}\``).join(', ') || 'nothing'
  const target = to === 'same' ? 'the same' : `\`${to}\``
  return `| ${name} | ${origins} | ${target} | \`${event}\` |`
})

/** The life of a site as a page: a diagram and two tables, all from the table of transitions. */
export const lifecyclePage = (): string => `# The life of a site

<!-- Generated from core/site/lifecycle.ts. Change the table there, then run: node tools/generate-docs.ts -->

A site has one status. It changes it by a transition, which writes the new state and its event in one transaction, on
condition of the version and the status before. The diagram leaves out those that change something else about a site than its
status.

\`\`\`mermaid
stateDiagram-v2
${[...arrows, ...ends].join('\n')}
\`\`\`

| status | what it says |
| --- | --- |
${statuses.map((status) => `| \`${status}\` | ${meanings[status]} |`).join('\n')}

| transition | from | to | event |
| --- | --- | --- | --- |
${transitionRows.join('\n')}
`
