import { readFileSync } from 'node:fs'
import type { Right } from '../../lambdas/accounts/team/rights.ts'

const tokens = { no: 'none', yes: 'all', 'yes; on production only if it says so': 'with-production' } as const

const page = readFileSync(new URL('../../docs/teams.md', import.meta.url), 'utf8')
const section = page.split('\n### Rights\n')[1]?.split('\n## ')[0] ?? ''

/** The rights as docs/teams.md tells them: by operation. */
export const rightsInWords: ReadonlyMap<string, Right> = new Map(
  section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) => {
      const [, ids = '', min = '', token = ''] = line.split('|').map((cell) => cell.trim())
      const [role, keepable] = min.split('; ')
      const right = {
        ...{ min: role, tokens: tokens[token as keyof typeof tokens] },
        ...(keepable === 'owners may keep it' && { keepable: true }),
      } as Right
      return [...ids.matchAll(/`(\w+)`/g)].map(([, id = '']) => [id, right] as const)
    }),
)
