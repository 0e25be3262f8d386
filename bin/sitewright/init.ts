import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import * as z from 'zod'
import { siteFileName } from '../../core/blueprint/site-file.ts'
import { jsonOf } from '../../core/json.ts'
import { writeNew } from '../blueprint/bad-input.ts'
import { type Draft, emptyContainer, nameFrom, those, wordsOf } from '../blueprint/init/draft.ts'
import { readCompose } from '../blueprint/init/read-compose.ts'
import { readDockerfile } from '../blueprint/init/read-dockerfile.ts'
import { settle } from '../blueprint/init/settle.ts'
import { writeBlueprint } from '../blueprint/init/write-blueprint.ts'
import { devDirectory } from './dev/watch.ts'
import { Failure } from './failure.ts'

const packageSchema = z.object({
  name: z.string().optional(),
  main: z.string().optional(),
  scripts: z.object({ start: z.string().optional(), build: z.string().optional() }).default({}),
})

/** A line that only a shell understands runs by npm. */
const startOf = ({ scripts: { start }, main }: z.infer<typeof packageSchema>): readonly string[] => {
  if (start === undefined) return ['node', main ?? 'index.js']
  return /[&|;<>$`*?~]|^\w+=/.test(start) || !start.startsWith('node ') ? ['npm', 'start'] : wordsOf(start)
}

const managers = [
  { manager: 'pnpm', lock: 'pnpm-lock.yaml' },
  { manager: 'yarn', lock: 'yarn.lock' },
  { manager: 'bun', lock: 'bun.lock' },
] as const
type Manager = 'npm' | (typeof managers)[number]['manager']

/** That of the application is for developers, and may need what an image lacks. Dependencies need their own, above all those from Git. */
const withoutPrepare = 'npm pkg delete scripts.prepare'

const npmSteps = (isBuilt: boolean): readonly string[] => [
  // Before the installation, which may need it: `postinstall` of the application, patches, .npmrc.
  'COPY . .',
  `RUN ${withoutPrepare} && ${existsSync('package-lock.json') ? 'npm ci' : 'npm install'}${isBuilt ? '' : ' --omit=dev'}`,
  ...(isBuilt ? ['RUN npm run build && npm prune --omit=dev'] : []),
]

/** A start script may call pnpm or Yarn too. Then a site needs what Corepack has downloaded: it runs as another user, and without a way out. */
const withCorepack = ['COPY . .', 'ENV COREPACK_HOME=/usr/local/share/corepack']

const stepsOf: Readonly<Record<Manager, (isBuilt: boolean) => readonly string[]>> = {
  npm: npmSteps,
  bun: npmSteps,
  pnpm: (isBuilt) => [
    ...withCorepack,
    // By force where package.json says that npm is not its package manager.
    `RUN corepack enable && ${withoutPrepare} --force && pnpm install --frozen-lockfile`,
    ...(isBuilt ? ['RUN pnpm run build'] : []),
    // In a workspace it would remove what the packages need.
    ...(existsSync('pnpm-workspace.yaml') ? [] : ['RUN CI=true pnpm prune --prod --ignore-scripts']),
  ],
  yarn: (isBuilt) => [
    ...withCorepack,
    'RUN corepack enable && yarn install --frozen-lockfile',
    ...(isBuilt ? ['RUN yarn run build'] : []),
  ],
}

const questionsOf: Readonly<Record<Manager, readonly string[]>> = {
  npm: [],
  bun: ['The Dockerfile installs with npm, which does not read bun.lock: change it, or remove bun.lock.'],
  pnpm: [],
  yarn: ["Does Yarn install into `node_modules`, and not by Plug'n'Play? `npm start` finds its packages only there."],
}

const dockerfileOf = (command: readonly string[], steps: readonly string[]) =>
  [
    'FROM docker.io/library/node:24-slim',
    'WORKDIR /app',
    ...steps,
    'USER 10001:10001',
    `CMD ${JSON.stringify(command)}`,
    '',
  ].join('\n')

/** A draft of a Node application, and the Dockerfile that it lacks. */
const readNodeProject = async (): Promise<{ readonly draft: Draft; readonly dockerfile: string }> => {
  // npm takes a byte order mark, which editors on Windows write.
  const found = packageSchema.safeParse(jsonOf((await readFile('package.json', 'utf8')).replace(/^\uFEFF/, '')))
  if (!found.success) throw new Failure('mistake', 'package.json is not one of npm. Correct it, or name --dockerfile.')
  const command = startOf(found.data)
  const isBuilt = found.data.scripts.build !== undefined
  const { manager = 'npm' } = (!existsSync('package-lock.json') && managers.find(({ lock }) => existsSync(lock))) || {}
  const name = nameFrom(found.data.name ?? basename(resolve('.')))
  const container = {
    ...emptyContainer,
    image: `${name}:1`,
    build: { context: '.' },
    process: { command, directory: '.' },
    questions: those(
      found.data.scripts.start === undefined &&
        `package.json has no start script. Does \`${command.join(' ')}\` start it?`,
      ...questionsOf[manager],
      isBuilt &&
        existsSync('.env.production') &&
        !existsSync('.dockerignore') &&
        'Does the build read .env.production, and has that no secrets? Then add `!.env.production` to .dockerignore, which leaves it out.',
      'Does it listen on the PORT and HOST of its environment, and store below DATA_DIRECTORY?',
    ),
  }
  const dockerfile = dockerfileOf(command, stepsOf[manager](isBuilt))
  return { draft: { source: 'package.json', name, containers: [container] }, dockerfile }
}

const composeFiles = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml']

interface Sources {
  readonly compose?: string[] | undefined
  readonly dockerfile?: string | undefined
  readonly name?: string | undefined
}

/** What is named, or else what is here: a compose file, a Dockerfile or package.json. */
const readSource = async ({ compose, dockerfile }: Sources): Promise<{ draft: Draft; dockerfile?: string }> => {
  if (compose !== undefined) return { draft: await readCompose(compose, resolve('.')) }
  if (dockerfile !== undefined) return { draft: await readDockerfile(dockerfile, resolve('.')) }
  const found = composeFiles.find((file) => existsSync(file))
  if (found !== undefined) return { draft: await readCompose([found], resolve('.')) }
  if (existsSync('Dockerfile')) return { draft: await readDockerfile('Dockerfile', resolve('.')) }
  if (existsSync('package.json')) return readNodeProject()
  throw new Failure(
    'mistake',
    'Nothing here says how the application starts: no compose file, no Dockerfile, no package.json. Write a Dockerfile, or name one with --dockerfile.',
  )
}

/** Writes the file, and what it needs to be built. @returns the names of what is written. */
export const initFile = async (sources: Sources) => {
  const { draft, dockerfile } = await readSource(sources)
  const text = writeBlueprint(settle({ ...draft, name: sources.name ?? draft.name }), 'file')
  await writeNew(siteFileName, text)
  const more: Record<string, string> = dockerfile === undefined ? {} : { Dockerfile: dockerfile }
  if (dockerfile !== undefined && !existsSync('.dockerignore'))
    more['.dockerignore'] = `**/node_modules\n.git\n**/.env*\n${devDirectory}\n`
  for (const [name, content] of Object.entries(more)) await writeNew(name, content)
  const questions = text.split('\n').filter((line) => line.trim().startsWith('# ?')).length
  return { source: draft.source, written: [siteFileName, ...Object.keys(more)], questions }
}
