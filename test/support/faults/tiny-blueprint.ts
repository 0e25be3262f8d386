import { fileURLToPath } from 'node:url'
import { type Blueprint, parseBlueprint } from '../../../core/blueprint/blueprint.ts'

const program = fileURLToPath(new URL('./tiny-site.cjs', import.meta.url))

/** Keeps what the hook of the tiny site keeps. */
const keepsItsOwner = `
  const { DATA_DIRECTORY, email, password } = process.env
  fs.appendFileSync(DATA_DIRECTORY + '/owners', JSON.stringify({ email, password }) + '\\n')`

const ways = {
  'by-hook': { hook: { path: '/hook', secret: 'TINY_SECRET' } },
  'by-task': {
    task: {
      command: ['node', '-e', keepsItsOwner],
      environment: { email: '${OWNER_EMAIL}', password: '${ONE_TIME_PASSWORD}' },
    },
  },
}

/** A site that starts as fast as a process can; a `sick` one runs, and never becomes healthy. */
export const tinyBlueprint = (
  health: 'well' | 'sick',
  mode: 'exclusive' | 'shared' = 'exclusive',
  { startsAtClaim, handsOver }: { readonly startsAtClaim?: true; readonly handsOver?: 'by-hook' | 'by-task' } = {},
): Blueprint =>
  parseBlueprint(
    {
      name: 'tiny',
      version: 1,
      title: 'Tiny',
      variables: { COLOUR: { default: 'red' } },
      containers: [
        {
          name: 'web',
          image: 'tiny',
          process: { command: ['node', program] },
          secrets: ['TINY_SECRET'],
          variables: ['COLOUR'],
          environment: startsAtClaim ? { TINY_URL: '${SITE_URL}' } : {},
        },
      ],
      traffic:
        health === 'well'
          ? { container: 'web', healthPath: '/', startSeconds: 60 }
          : { container: 'web', healthPath: '/sick', startSeconds: 3 },
      data: { mode },
      ...(handsOver === undefined ? { access: 'public' } : { handOver: ways[handsOver] }),
    },
    'the tiny blueprint',
  )

export const resolveTiny = (): string => import.meta.dirname
