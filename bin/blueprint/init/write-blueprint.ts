import { Document, isMap, isScalar, type Scalar, visit } from 'yaml'
import { parseBlueprint } from '../../../core/blueprint/blueprint.ts'
import { parseSiteFile } from '../../../core/blueprint/site-file.ts'
import { messageOf } from '../../command-line/read-options.ts'
import { BadInput } from '../bad-input.ts'
import { those } from './draft.ts'
import type { SettledDraft } from './settle.ts'

/** Fields without those that say nothing. */
const withoutEmpty = (fields: object): object =>
  Object.fromEntries(
    Object.entries(fields).filter(
      ([, value]: [string, unknown]) =>
        value !== undefined && (typeof value !== 'object' || value === null || Object.keys(value).length > 0),
    ),
  )

/** @returns a comment, or null where there is nothing to say. */
const comment = (questions: readonly string[], notes: readonly string[] = []): string | null =>
  [
    ...questions.map((question) => ` ? ${question}`),
    ...those(notes.length > 0 && ` Left out, because a site has its own way: ${notes.join(', ')}`),
  ]
    // A YAML comment ends with its line.
    .map((line) => line.replaceAll(/[\r\n\u0085\u2028\u2029]+/g, ' '))
    .join('\n') || null

const kinds = {
  blueprint: {
    parse: parseBlueprint,
    more: { version: 1 },
    next: 'npm run blueprint -- try FILE',
    access: [
      'Who is its first administrator? `handOver` makes the owner one, `credentials` shows a password: docs/blueprints.md.',
      'Who gets in? `owner`: its owner alone. `claimed`: everybody after the `handOver`. `public`: everybody.',
    ],
  },
  file: {
    parse: parseSiteFile,
    more: {},
    next: 'sitewright check',
    access: ['Who gets in? `owner`: its owner alone. `public`: everybody.'],
  },
}

/** A blueprint or the file of a site as YAML, with a question where the source did not tell. @throws {BadInput} if it would not be valid. */
export const writeBlueprint = (draft: SettledDraft, wanted: keyof typeof kinds = 'blueprint'): string => {
  const { name, source, traffic, dataDirectory, questions } = draft
  const kind = kinds[wanted]
  const blueprint = {
    name,
    ...kind.more,
    title: name,
    containers: draft.containers.map(({ fields }) =>
      // A deployment names what was built.
      withoutEmpty(wanted === 'file' && fields.build !== undefined ? { ...fields, image: undefined } : fields),
    ),
    traffic: withoutEmpty(traffic),
    access: 'owner',
    data: { directory: dataDirectory, mode: 'exclusive' },
    outbound: 'none',
  }
  try {
    kind.parse(blueprint, 'the result')
  } catch (error) {
    throw new BadInput(`No blueprint can be made from ${source}: ${messageOf(error)}`)
  }
  const document = new Document(blueprint)
  document.commentBefore = ` Made from ${source}. Answer the lines that begin with "# ?", then: ${kind.next}`
  const before = (key: string, texts: readonly string[], notes: readonly string[] = []): void => {
    const pair = isMap<Scalar>(document.contents) && document.contents.items.find((item) => item.key.value === key)
    if (pair) pair.key.commentBefore = comment(texts, notes)
  }
  before('title', ['Which title do people read?'])
  before('containers', questions.top, draft.notes)
  before('traffic', questions.traffic)
  before('access', kind.access)
  before('data', questions.data)
  before('outbound', ['Does it call services on the internet? Then it needs `internet`.'])
  for (const [index, { questions: own, notes }] of draft.containers.entries()) {
    const node = document.getIn(['containers', index])
    if (isMap(node)) node.commentBefore = comment(own, notes)
  }
  visit(document, {
    Seq: (_, list) => {
      list.flow = list.items.every(isScalar)
    },
  })
  return document.toString({ lineWidth: 120, flowCollectionPadding: false, singleQuote: true })
}
