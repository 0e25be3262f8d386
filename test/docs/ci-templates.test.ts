import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { chmod, cp, mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { runSitewright } from '../../bin/sitewright/program.ts'
import { shownSite } from '../bin/sitewright/shown-site.ts'
import { childEnvironment } from '../support/child-environment.ts'
import { directoryForAll } from '../support/temporary-directories.ts'

const page = readFileSync(new URL('../../docs/teams.md', import.meta.url), 'utf8')
const section = page.split('\n## CI\n')[1]?.split('\n## ')[0] ?? ''
const templates = [...section.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => text)

const directory = await directoryForAll()

/** An API with one site, whose only environment is that of a branch. */
const openApi = async (branch: string) => {
  const deleted: string[] = []
  const environment = { ...shownSite, environment: { name: branch, branch, siteId: 'site_1', endsAt: null } }
  const answers: Record<string, object> = {
    '/v1/sites': { sites: [shownSite] },
    '/v1/sites/site_1/environments': { environments: [environment], max: 2 },
    [`/v1/sites/site_1/environments/${branch}`]: environment,
  }
  const server = createServer(({ method, url = '' }, response) => {
    if (method === 'DELETE') deleted.push(url)
    response.end(JSON.stringify(answers[url.split('?')[0] ?? '']))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, deleted, [Symbol.asyncDispose]: async () => void server.close() }
}

const siteFile = (environments: string) => `name: shop
title: Shop
containers: [{ name: web, build: { context: . } }]
traffic: { container: web }
data: { mode: exclusive }
environments: ${environments}
`

/** What a job finds: what is checked out, or without that only the artifacts of the job before. */
const directoryOf = async (name: string, files: Readonly<Record<string, string>>, paths = Object.keys(files)) => {
  const [from, to] = [join(directory, name, 'checkout'), join(directory, name, 'job')]
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(from, path)), { recursive: true })
    await writeFile(join(from, path), text)
  }
  for (const path of paths) await cp(join(from, path), join(to, path), { recursive: true })
  return to
}

/** Runs the lines of a job. @throws what the first line that fails says. */
const runLines = async (lines: readonly string[], cwd: string, environment: NodeJS.ProcessEnv): Promise<string> => {
  const command = join(directory, 'bin/sitewright')
  const program = fileURLToPath(new URL('../../bin/sitewright.ts', import.meta.url))
  await mkdir(dirname(command), { recursive: true })
  await writeFile(command, `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`)
  await chmod(command, 0o755)
  const env = childEnvironment({
    ...{ PATH: `${dirname(command)}:${process.env['PATH']}`, XDG_CONFIG_HOME: directory, SITEWRIGHT_TOKEN: 'a-token' },
    ...environment,
  })
  return (await promisify(execFile)('sh', ['-ec', lines.join('\n')], { cwd, env })).stdout
}

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
    // A branch of a fork with the same name would cancel the run that waits.
    expect(github.concurrency).toContain('head.repo.id')
    // Both jobs extend it.
    expect(gitlab['.sitewright'].resource_group).toContain('CI_COMMIT_REF')
  })

  it('run for no pull request that gets no secrets', () => {
    const [github] = templates.map((text) => parse(text))
    const condition = String(github.jobs.environment.if)
    expect(condition).toContain('head.repo.full_name == github.repository')
    expect(condition).toContain("github.actor != 'dependabot[bot]'")
  })

  it('let the name of a branch become no part of a script', () => {
    for (const text of templates) {
      for (const line of text.split('\n').filter((one) => /^\s*(- )?(run|script):/.test(one)))
        expect(line).not.toContain('${{')
    }
  })

  describe('at the end of a branch', () => {
    const [github, gitlab] = templates.map((text) => parse(text))
    const steps = github.jobs.environment.steps as { readonly if?: string; readonly run?: string }[]
    const jobs = {
      GitHub: {
        lines: steps.filter((step) => step.if?.includes("== 'closed'")).flatMap(({ run = [] }) => run),
        paths: undefined,
        variable: 'BRANCH',
      },
      GitLab: { lines: gitlab.delete.script, paths: gitlab.deploy.artifacts.paths, variable: 'CI_COMMIT_REF_NAME' },
    }
    const run = async (name: keyof typeof jobs, environments: string) => {
      const { lines, paths, variable } = jobs[name]
      await using api = await openApi('search')
      const files = { 'ci/sitewright.tgz': '', 'sitewright.yaml': siteFile(environments), Dockerfile: '' }
      const cwd = await directoryOf(`${name}-${environments.length}`, files, paths)
      await runLines(lines, cwd, { SITEWRIGHT_URL: api.url, [variable]: 'search' })
      return api.deleted
    }

    it.each(['GitHub', 'GitLab'] as const)(
      'delete its environment with the files that the job has: %s',
      async (name) => {
        expect(await run(name, "{ 'se*': { expires: never } }")).toEqual(['/v1/sites/site_1/environments/search'])
      },
    )

    it.each(['GitHub', 'GitLab'] as const)(
      'keep an environment that the file names and that does not end: %s',
      async (name) => {
        expect(await run(name, '{ search: { expires: never } }')).toEqual([])
      },
    )
  })
})
