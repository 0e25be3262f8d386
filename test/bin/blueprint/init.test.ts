import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { askedBy, pathOfOwn, wordsOf } from '../../../bin/blueprint/init/draft.ts'
import { readDockerfile } from '../../../bin/blueprint/init/read-dockerfile.ts'
import { looksSecret } from '../../../bin/blueprint/init/secrets.ts'
import { settle } from '../../../bin/blueprint/init/settle.ts'
import { writeBlueprint } from '../../../bin/blueprint/init/write-blueprint.ts'
import { parseBlueprint } from '../../../core/blueprint/blueprint.ts'
import { requirePublishable } from '../../../lambdas/blueprints/require-publishable.ts'
import { directoryForAll } from '../../support/temporary-directories.ts'

const directory = await directoryForAll()

/** Writes the draft of a Dockerfile: the blueprint, which may be published, its text, and what that asks. */
const draftOf = async (dockerfile: string, name = 'shop') => {
  const file = join(directory, name, 'Dockerfile')
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, dockerfile)
  const text = writeBlueprint(settle(await readDockerfile(file, directory)))
  const blueprint = parseBlueprint(parse(text), 'written')
  requirePublishable(blueprint, [])
  return { text, blueprint, questions: text.split('\n').filter((line) => line.trim().startsWith('# ?')) }
}

describe('a blueprint from a Dockerfile', () => {
  it('has port, data, health path, secrets and URL of the last stage and of those that it builds on', async () => {
    const { blueprint, questions } = await draftOf(
      `# syntax
FROM node:24 AS base
ENV NODE_ENV=production NODE_VERSION=24
FROM other AS unused
EXPOSE 1111
FROM base
ARG P=3000
ENV SESSION_SECRET="a word" \\
    DB_FILE=/var/lib/shop/shop.db \\
    BASE_URL=http://localhost:3000
ENV PRICE 5 $
EXPOSE $P/tcp 9090
VOLUME ["/var/lib/shop"]
VOLUME /tmp
HEALTHCHECK --interval=5s CMD curl -f http://localhost:3000/healthz || exit 1
USER 1000
CMD ["node", "server.js"]
`,
      'Shop 2',
    )
    expect(blueprint).toMatchObject({
      name: 'shop-2',
      containers: [
        {
          name: 'web',
          image: 'shop-2:1',
          build: { context: 'Shop 2', dockerfile: 'Dockerfile' },
          process: { command: ['node', 'server.js'], directory: 'Shop 2' },
          environment: {
            NODE_ENV: 'production',
            DB_FILE: '${DATA_DIRECTORY}/shop.db',
            BASE_URL: '${SITE_URL}',
            PRICE: '5 $$',
          },
          secrets: ['SESSION_SECRET'],
        },
      ],
      traffic: { container: 'web', port: 3000, healthPath: '/healthz' },
      access: 'owner',
      data: { directory: '/var/lib/shop', mode: 'exclusive' },
    })
    expect(blueprint.containers[0]).not.toHaveProperty('command')
    expect(questions.join('\n')).toMatch(/also listens on 9090/)
    expect(questions.join('\n')).toContain('runs as 1000')
  })

  it('has the values of variables that are named again, and leaves to the image what depends on its build', async () => {
    const lines = [
      'ARG BASE=24\nARG MODE=production\nARG OTHER=unused',
      'FROM node:$BASE AS base',
      'ARG MODE\nARG COMMIT\nARG PLACE=/srv/$MODE',
      'ENV MODE=$MODE COMMIT=${COMMIT} OTHER=$OTHER PLACE=$PLACE LEVEL=${LEVEL:-info} FLAGS=${COMMIT:+built}',
      'ENV API_SECRET=$COMMIT PORT=$WEB_PORT',
    ]
    const { blueprint } = await draftOf(lines.join('\n'))
    const environment = { MODE: 'production', PLACE: '/srv/production', LEVEL: 'info' }
    expect(blueprint.containers[0]).toMatchObject({ secrets: ['API_SECRET'] })
    expect(blueprint.containers[0]?.environment).toEqual(environment)
    expect(blueprint.traffic).not.toHaveProperty('port')
  })

  it.each([
    [
      '["base", "serve", "--http=0.0.0.0:8090", "--dir=/pb_data", "--port", "8090"]',
      ['base', 'serve', '--http=${HOST}:${PORT}', '--dir=${DATA_DIRECTORY}', '--port', '${PORT}'],
    ],
    [
      'base migrate && exec base serve --http 0.0.0.0:8090 --dir /pb_data --log $HOME',
      ['sh', '-c', 'base migrate && exec base serve --http ${HOST}:${PORT} --dir ${DATA_DIRECTORY} --log $$HOME'],
    ],
  ])('gives a plain process the places of its site: %s', async (cmd, command) => {
    const { blueprint } = await draftOf(`FROM scratch\nEXPOSE 8090\nVOLUME /pb_data\nCMD ${cmd}\n`)
    expect(blueprint.containers[0]?.process?.command).toEqual(command)
  })

  it('asks for what it does not tell', async () => {
    const { blueprint, text, questions } = await draftOf('FROM scratch\nEXPOSE 80\nCMD ./run --all\n')
    expect(blueprint).toMatchObject({ name: 'shop', traffic: { healthPath: '/' }, data: { directory: '/data' } })
    expect(blueprint.containers[0]?.process?.command).toEqual(['sh', '-c', './run --all'])
    expect(text).toContain('npm run blueprint -- try')
    for (const words of [
      '80, which only root may',
      'runs as root',
      'Which path',
      'Who is its first administrator',
      'Who gets in',
      'Where does it store',
    ]) {
      expect(questions.some((line) => line.includes(words))).toBe(true)
    }
  })

  it('leaves the variables of a shell to it', async () => {
    const lines = [
      'FROM scratch',
      'HEALTHCHECK CMD check ${SHOP_PORT}',
      'CMD ["sh", "-c", "shop --at ${SHOP_PORT} $HOME"]',
    ]
    const { blueprint } = await draftOf(lines.join('\n'))
    const [web] = blueprint.containers
    expect(web?.health?.command).toEqual(['sh', '-c', 'check $${SHOP_PORT}'])
    expect(web?.process?.command).toEqual(['sh', '-c', 'shop --at $${SHOP_PORT} $$HOME'])
  })

  it('asks about ports that visitors cannot reach, but not about a variable without a value', async () => {
    const lines = 'FROM scratch\nEXPOSE 5353/udp 6000-6010 3000/tcp $MORE ${MORE}/tcp $CALLS/udp\n'
    const { blueprint, questions } = await draftOf(lines)
    expect(blueprint.traffic.port).toBe(3000)
    const asked = questions.flatMap((line) => /has the port (\S+),/.exec(line)?.[1] ?? [])
    expect(asked).toEqual(['5353/udp', '6000-6010', '$CALLS/udp'])
  })

  it('leaves PORT to Sitewright', async () => {
    const { blueprint } = await draftOf('FROM scratch\nENV PORT=8080\nEXPOSE 8080\n')
    expect(blueprint.traffic).not.toHaveProperty('port')
    expect(blueprint.containers[0]?.environment).toEqual({})
  })

  it('takes a heredoc for no instruction, and a file without FROM for no Dockerfile', async () => {
    const text = 'FROM scratch\nRUN <<EOF\nEXPOSE 99\nCMD bad\nEOF\nCOPY <<EOF /x\nUSER 7\nEOF\nEXPOSE 3000\n'
    const { blueprint, questions } = await draftOf(text)
    expect(blueprint.traffic.port).toBe(3000)
    expect(questions.join('\n')).toContain('runs as root')
    await expect(draftOf('RUN x')).rejects.toThrow('has no FROM')
  })
})

it('words are split as a shell does', () => {
  expect(wordsOf(`a "b c" 'd e' f\\ g h="i j"`)).toEqual(['a', 'b c', 'd e', 'f g', 'h=i j'])
})

it.each([
  ['curl -f http://localhost:3000/healthz || exit 1', { path: '/healthz', port: 3000 }],
  ['wget -qO- http://127.0.0.1:3000', { path: '/', port: 3000 }],
  ['wget -qO- http://127.0.0.1 >/dev/null', { path: '/' }],
  ['curl -f http://localhost:${PORT:-3000}/healthz', { path: '/healthz' }],
  ['curl -f "http://localhost:$PORT/healthz"', { path: '/healthz' }],
  ['curl -f http://localhost:3000/${NAME}/healthz', { port: 3000 }],
  ['curl -f http://localhost:"$PORT"/healthz', {}],
  ['curl -f http://db:3000/healthz', {}],
])('a health check asks what it says: %s', (command, asked) => {
  expect(askedBy(['sh', '-c', command])).toEqual(asked)
})

it('addresses of the product are told from others', () => {
  const own = ['http://localhost', 'https://localhost/', 'http://127.0.0.1:3000', 'http://localhost:${PORT:-3000}/shop']
  expect(own.filter((address) => pathOfOwn('BASE_URL', address) === undefined)).toEqual([])
  const others = ['http://db:3000', 'http://localhost.example.com']
  expect(others.filter((one) => pathOfOwn('BASE_URL', one) !== undefined)).toEqual([])
})

it('names of secrets are told from others', () => {
  const secret = [
    ...['DB_PASSWORD', 'JWT_SECRET', 'SECRET_KEY_BASE', 'API_TOKEN', 'APP_KEY', 'AUTH_SALT', 'RABBITMQ_PASS', 'PASS'],
    ...['SHOP_DBPASS', 'SMTP_USER_PWD', 'S3_SECRET_ACCESS_KEY', 'AZURE_STORAGE_ACCESS_KEY'],
  ]
  const open = [
    ...['GPG_KEY', 'PASSWORD_FILE', 'PUBLIC_KEY', 'KEYBOARD', 'TOKENS', 'PWD', 'TLS_BYPASS', 'COMPASS'],
    'S3_ACCESS_KEY',
  ]
  expect(secret.filter((name) => !looksSecret(name, 'x1'))).toEqual([])
  expect(open.filter((name) => looksSecret(name, 'x1'))).toEqual([])
  expect(looksSecret('USE_TOKEN', 'true')).toBe(false)
})
