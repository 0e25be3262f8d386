import { execFile } from 'node:child_process'
import { cp, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeEach, describe, expect, it } from 'vitest'
import { directoryForTest } from '../support/temporary-directories.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Paths that are no part of the program, or are too large to copy. */
const left = ['node_modules', 'cdk.out', 'coverage', 'docs', 'test']

let copy: string

beforeEach(async () => {
  copy = await directoryForTest()
  for (const name of await readdir(root)) {
    const isLeft = left.includes(name) || (name.startsWith('.') && name !== '.dockerignore')
    if (!isLeft) await cp(join(root, name), join(copy, name), { recursive: true })
  }
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'))
})

const edit = async (file: string, ...changes: readonly (readonly [string, string])[]): Promise<void> => {
  const path = join(copy, file)
  let text = await readFile(path, 'utf8')
  for (const [from, to] of changes) {
    expect(text).toContain(from)
    text = text.replace(from, to)
  }
  await writeFile(path, text)
}

interface Ended {
  readonly code: number
  readonly lines: readonly string[]
}

/** Runs what the CLI runs, with nothing of this machine's but Node: no credentials, no Docker. */
const synth = async (context: Record<string, unknown> = {}): Promise<Ended> => {
  const flags = JSON.parse(await readFile(join(root, 'cdk.json'), 'utf8')).context
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [join(copy, 'bin/aws.ts')],
      {
        cwd: copy,
        env: {
          HOME: copy,
          NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
          CDK_OUTDIR: join(copy, 'cdk.out'),
          CDK_CONTEXT_JSON: JSON.stringify({ ...flags, ...context }),
        },
      },
      (_error, _stdout, stderr) =>
        resolve({ code: child.exitCode ?? -1, lines: stderr.split('\n').filter((line) => line !== '') }),
    )
  })
}

const config = 'sitewright.config.ts'
const domain = "domain: 'example.net',"

describe('a synthesis', () => {
  it('writes every stack, in an account that is named as well, with no credentials and nothing found by cdk-nag', async () => {
    await edit(config, ["region: 'eu-central-1',", "account: '111122223333',\n      region: 'eu-central-1',"])
    const router = join(copy, 'router/Dockerfile')
    await writeFile(router, (await readFile(router, 'utf8')).replaceAll(/@sha256:\w+/g, ''))
    const { code, lines } = await synth()
    expect(code).toBe(0)
    // The shipped configuration leaves open the certificate for mutual TLS, and the repository the digests of images.
    const warnings = lines.filter((line) => !/^ {3}|^file:|^A copy of this report/.test(line))
    expect(warnings.toSorted()).toEqual([
      expect.stringMatching(/^WARNING Base images without a digest: .*node:24.*'npm run pin-images'/),
      expect.stringMatching(/^WARNING DuckDB for Lambda is missing.*'npm run fetch-duckdb'/),
      expect.stringMatching(/^WARNING Requests that bypass CloudFront .*"Mutual TLS" in docs\/deploy\.md/),
    ])
    const templates = (await readdir(join(copy, 'cdk.out'))).filter((name) => name.endsWith('.template.json'))
    expect(templates.toSorted()).toEqual(
      ['api', 'cell-a', 'certificate', 'control', 'data', 'edge', 'front', 'watch'].map(
        (part) => `sitewright-production-${part}.template.json`,
      ),
    )
  }, 600_000)

  it('is refused with a line for each mistake', async () => {
    await edit(config, [domain, ''], ["brand: 'Sitewright'", "brand: ''"])
    expect(await synth()).toEqual({
      code: 1,
      lines: [
        'sitewright.config.ts is not valid:',
        expect.stringMatching(/^ {2}brand: /),
        expect.stringMatching(/^ {2}stages\.production\.sites\.domain: .*\(it is undefined\)$/),
      ],
    })
  })

  it('is refused where no file has a blueprint that is offered', async () => {
    await edit(config, ["offeredBlueprints: ['welcome']", "offeredBlueprints: ['welcome', 'shop']"])
    expect(await synth()).toEqual({
      code: 1,
      lines: [
        expect.stringMatching(/^blueprint 'shop' is offered in sitewright\.config\.ts, but no file in .* has it$/),
      ],
    })
  })

  it('is refused where an offered blueprint has an image without a digest', async () => {
    await edit('blueprints/welcome.yaml', ['    build:\n      context: ../sites/welcome\n', ''])
    expect(await synth()).toEqual({
      code: 1,
      lines: [
        "blueprint 'welcome' cannot be deployed to AWS:",
        '  containers.0.image: must be pinned by its digest, as image@sha256:…, or have a build (it is "sitewright/welcome:6")',
      ],
    })
  })

  it('is refused for a stage that nobody configured', async () => {
    expect(await synth({ stage: 'staging' })).toEqual({
      code: 1,
      lines: ["sitewright.config.ts has no stage 'staging'; it has: production"],
    })
  })
})
