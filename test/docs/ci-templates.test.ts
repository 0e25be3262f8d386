import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { runSitewright } from '../../bin/sitewright/program.ts'

const page = readFileSync(new URL('../../docs/teams.md', import.meta.url), 'utf8')
const section = page.split('\n## CI\n')[1]?.split('\n## ')[0] ?? ''
const templates = [...section.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => text)

const helpOf = async (words: readonly string[]): Promise<string> => {
  const lines: string[] = []
  const world = {
    environment: {},
    input: process.stdin,
    print: (line: string) => lines.push(line),
    say: () => undefined,
  }
  expect(await runSitewright([...words, '--help'], world)).toBe(0)
  return lines.join('\n')
}

describe('the templates for CI', () => {
  it('are one for GitHub and one for GitLab', () => {
    expect(templates.map((text) => Object.keys(parse(text)))).toEqual([
      ['name', 'on', 'permissions', 'concurrency', 'jobs'],
      ['.sitewright', 'deploy', 'delete'],
    ])
  })

  it.each(templates.map((text) => [text.split('\n')[0], text]))('call commands that exist: %s', async (_name, text) => {
    const calls = [...text!.matchAll(/sitewright ((?:[a-z]+ )+)--branch/g)].map(([, words = '']) => words.trim())
    expect(calls).toEqual(['deploy', 'env delete'])
    for (const call of calls) {
      const words = call.split(' ')
      expect(await helpOf(words)).toContain(`Usage: sitewright ${call}`)
    }
    expect(await helpOf([])).toContain('--branch')
  })

  it('run one job of a branch after the other', () => {
    const [github, gitlab] = templates.map((text) => parse(text))
    expect(github.concurrency).toContain('head_ref')
    // Both jobs extend it.
    expect(gitlab['.sitewright'].resource_group).toContain('CI_COMMIT_REF')
  })

  it('let the name of a branch become no part of a script', () => {
    for (const text of templates) {
      for (const line of text.split('\n').filter((one) => /^\s*(- )?(run|script):/.test(one)))
        expect(line).not.toContain('${{')
    }
  })
})
