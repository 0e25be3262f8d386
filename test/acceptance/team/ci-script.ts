import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import * as z from 'zod'

const page = new URL('../../../docs/teams.md', import.meta.url)
const step = z.object({ if: z.string().optional(), run: z.string().optional() })
const templateSchema = z.object({ jobs: z.object({ environment: z.object({ steps: z.array(step) }) }) })

/** What the template for GitHub in docs/teams.md runs after something happened to a pull request, as a script. */
export const ciScript = async (action: 'opened' | 'closed'): Promise<string> => {
  const [, template = ''] = /```yaml\n(name: Sitewright\n.*?)```/s.exec(await readFile(page, 'utf8')) ?? []
  const isMet = (condition: string): boolean => {
    const [, operator, named] = /^github\.event\.action ([!=]=) '(\w+)'$/.exec(condition) ?? []
    if (operator === undefined) throw new Error(`The story does not know the condition ${condition}.`)
    return (operator === '==') === (named === action)
  }
  const { steps } = templateSchema.parse(parse(template)).jobs.environment
  const due = steps.filter((one) => one.if === undefined || isMet(one.if))
  return due.flatMap((one) => one.run ?? []).join('\n')
}
