import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { BadInput, writeNew } from '../../../bin/blueprint/bad-input.ts'
import { askedBy, pathOfOwn, wordsOf } from '../../../bin/blueprint/init/draft.ts'
import { readCompose } from '../../../bin/blueprint/init/read-compose.ts'
import { readDockerfile } from '../../../bin/blueprint/init/read-dockerfile.ts'
import { looksSecret } from '../../../bin/blueprint/init/secrets.ts'
import { settle } from '../../../bin/blueprint/init/settle.ts'
import { writeBlueprint } from '../../../bin/blueprint/init/write-blueprint.ts'
import { parseBlueprint } from '../../../core/blueprint/blueprint.ts'
import { requirePublishable } from '../../../lambdas/blueprints/require-publishable.ts'

const directory = await mkdtemp(join(tmpdir(), 'sitewright-init-'))
afterAll(() => rm(directory, { recursive: true, force: true }))

const put = async (path: string, text: string): Promise<string> => {
  const file = join(directory, path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
  return file
}

/** Writes a draft: the text, and the blueprint, which may be published. */
const written = (draft: Parameters<typeof settle>[0]) => {
  const text = writeBlueprint(settle(draft))
  const blueprint = parseBlueprint(parse(text), 'written')
  requirePublishable(blueprint, [])
  return { text, blueprint, questions: text.split('\n').filter((line) => line.trim().startsWith('# ?')) }
}

describe('a blueprint from a Dockerfile', () => {
  it('has port, data, health path, secrets and URL of the last stage and of those that it builds on', async () => {
    const file = await put(
      'Shop 2/Dockerfile',
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
    )
    const { blueprint, questions } = written(await readDockerfile(file, directory))
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
    const file = await put('args/Dockerfile', lines.join('\n'))
    const { blueprint } = written(await readDockerfile(file, directory))
    const environment = { MODE: 'production', PLACE: '/srv/production', LEVEL: 'info' }
    expect(blueprint.containers[0]).toMatchObject({ secrets: ['API_SECRET'] })
    expect(blueprint.containers[0]?.environment).toEqual(environment)
    expect(blueprint.traffic).not.toHaveProperty('port')
  })

  it('gives a plain process the places of its site', async () => {
    const cmd = '["base", "serve", "--http=0.0.0.0:8090", "--dir=/pb_data", "--port", "8090"]'
    const file = await put('base/Dockerfile', `FROM scratch\nEXPOSE 8090\nVOLUME /pb_data\nCMD ${cmd}\n`)
    const { blueprint } = written(await readDockerfile(file, directory))
    const command = ['base', 'serve', '--http=${HOST}:${PORT}', '--dir=${DATA_DIRECTORY}', '--port', '${PORT}']
    expect(blueprint.containers[0]?.process?.command).toEqual(command)
  })

  it('runs a line for a shell by a shell', async () => {
    const line = 'base migrate && exec base serve --http 0.0.0.0:8090 --dir /pb_data --log $HOME'
    const file = await put('line/Dockerfile', `FROM scratch\nEXPOSE 8090\nVOLUME /pb_data\nCMD ${line}\n`)
    const { blueprint } = written(await readDockerfile(file, directory))
    const same = 'base migrate && exec base serve --http ${HOST}:${PORT} --dir ${DATA_DIRECTORY} --log $$HOME'
    expect(blueprint.containers[0]?.process?.command).toEqual(['sh', '-c', same])
  })

  it('asks for what it does not tell', async () => {
    const file = await put('bare/Dockerfile', 'FROM scratch\nEXPOSE 80\nCMD ./run --all\n')
    const { blueprint, text, questions } = written(await readDockerfile(file, directory))
    expect(blueprint).toMatchObject({ name: 'bare', traffic: { healthPath: '/' }, data: { directory: '/data' } })
    expect(blueprint.containers[0]?.process?.command).toEqual(['./run', '--all'])
    expect(text).toContain('npm run blueprint -- try')
    for (const words of [
      '80, which only root may',
      'runs as root',
      'does the product get SIGTERM',
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
    const { blueprint } = written(await readDockerfile(await put('shell/Dockerfile', lines.join('\n')), directory))
    const [web] = blueprint.containers
    expect(web?.health?.command).toEqual(['sh', '-c', 'check $${SHOP_PORT}'])
    expect(web?.process?.command).toEqual(['sh', '-c', 'shop --at $${SHOP_PORT} $$HOME'])
  })

  it('asks about ports that visitors cannot reach, but not about a variable without a value', async () => {
    const lines = 'FROM scratch\nEXPOSE 5353/udp 6000-6010 3000/tcp $MORE ${MORE}/tcp $CALLS/udp\n'
    const { blueprint, questions } = written(await readDockerfile(await put('udp/Dockerfile', lines), directory))
    expect(blueprint.traffic.port).toBe(3000)
    const asked = questions.flatMap((line) => /has the port (\S+),/.exec(line)?.[1] ?? [])
    expect(asked).toEqual(['5353/udp', '6000-6010', '$CALLS/udp'])
  })

  it('leaves PORT to Sitewright', async () => {
    const file = await put('told/Dockerfile', 'FROM scratch\nENV PORT=8080\nEXPOSE 8080\n')
    const { blueprint } = written(await readDockerfile(file, directory))
    expect(blueprint.traffic).not.toHaveProperty('port')
    expect(blueprint.containers[0]?.environment).toEqual({})
  })
})

const compose = `
services:
  db:
    image: docker.io/library/postgres:17
    environment: [POSTGRES_USER=shop, POSTGRES_PASSWORD=hunter22]
    volumes: [pg:/var/lib/postgresql/data]
  app:
    image: ghcr.io/acme/shop:\${TAG:-4.2}
    ports: ["127.0.0.1:8080:3000"]
    env_file: shop.env
    environment:
      DATABASE_URL: postgres://shop:hunter22@db:5432/shop
      CACHE_HOST: my_cache
      DB_PASSWORD: hunter22
      ADMIN_PASSWORD: \${ADMIN_PASSWORD}
      MAIL_HOST: \${MAIL_HOST}
      PUBLIC_URL: http://localhost:8080
      UPLOADS: /app/uploads/new
      PRICE: 5$$
    depends_on: {db: {condition: service_healthy}}
    healthcheck: {test: [CMD, wget, -qO-, "http://127.0.0.1:3000/ready"]}
    volumes:
      - uploads:/app/uploads
      - ./config.yml:/etc/shop/config.yml:ro
      - {type: tmpfs, target: /app/cache}
    cap_add: [NET_ADMIN]
  my_cache:
    image: redis:8
    command: redis-server --save "60 1"
`

describe('a blueprint from a compose file', () => {
  it('replaces a password only where it is one, if it may be a name too', async () => {
    const file = await put(
      'same/compose.yaml',
      `
services:
  db:
    image: postgres:17
    environment: {POSTGRES_USER: postgres, POSTGRES_PASSWORD: postgres}
  app:
    image: ghcr.io/acme/shop:4.2
    environment:
      DATABASE_URL: postgres://postgres:postgres@db/postgres
      DSN: host=db user=postgres password=postgres dbname=postgres
      MYSQL_DSN: root:postgres@tcp(db:3306)/postgres
      OPTIONS: --user postgres --password postgres
      SETTINGS: '{"user": "postgres", "password": "postgres"}'
    ports: ["3000:3000"]
`,
    )
    const { blueprint } = written(await readCompose(file, directory))
    const environments = blueprint.containers.map(({ environment }) => environment)
    expect(environments).toMatchObject([
      { POSTGRES_USER: 'postgres' },
      {
        DATABASE_URL: 'postgres://postgres:${secret.POSTGRES_PASSWORD}@127.0.0.1/postgres',
        DSN: 'host=127.0.0.1 user=postgres password=${secret.POSTGRES_PASSWORD} dbname=postgres',
        MYSQL_DSN: 'root:${secret.POSTGRES_PASSWORD}@tcp(127.0.0.1:3306)/postgres',
        OPTIONS: '--user postgres --password ${secret.POSTGRES_PASSWORD}',
        SETTINGS: '{"user": "postgres", "password": "${secret.POSTGRES_PASSWORD}"}',
      },
    ])
  })

  it('has containers in their order, shared secrets, and the data of databases inside', async () => {
    await put('compose/shop.env', 'LOCALE=de\n')
    const file = await put('compose/compose.yaml', compose)
    const { blueprint, questions } = written(await readCompose(file, directory))
    expect(blueprint).toMatchObject({
      name: 'compose',
      containers: [
        {
          name: 'db',
          environment: { POSTGRES_USER: 'shop', PGDATA: '${DATA_DIRECTORY}/db' },
          secrets: ['POSTGRES_PASSWORD'],
          writable: ['/var/run/postgresql'],
          health: { command: ['pg_isready', '--host', '127.0.0.1'] },
        },
        {
          name: 'app',
          image: 'ghcr.io/acme/shop:4.2',
          environment: {
            LOCALE: 'de',
            DATABASE_URL: 'postgres://shop:${secret.POSTGRES_PASSWORD}@127.0.0.1:5432/shop',
            CACHE_HOST: '127.0.0.1',
            DB_PASSWORD: '${secret.POSTGRES_PASSWORD}',
            MAIL_HOST: '',
            PUBLIC_URL: '${SITE_URL}',
            UPLOADS: '${DATA_DIRECTORY}/uploads/new',
            PRICE: '5$$',
          },
          secrets: expect.arrayContaining(['ADMIN_PASSWORD', 'POSTGRES_PASSWORD']),
          mounts: [{ path: '/app/uploads', directory: 'uploads' }],
          writable: ['/app/cache'],
          after: ['db', 'my-cache'],
        },
        {
          name: 'my-cache',
          command: [
            ...['sh', '-c', 'mkdir -p "$$0" && exec "$$@"', '${DATA_DIRECTORY}/my-cache'],
            ...['redis-server', '--save', '60 1', '--dir', '${DATA_DIRECTORY}/my-cache'],
          ],
        },
      ],
      traffic: { container: 'app', port: 3000, healthPath: '/ready' },
      data: { directory: '/data' },
    })
    const asked = questions.join('\n')
    for (const words of ['What is MAIL_HOST?', './config.yml is mounted', 'cap_add: ["NET_ADMIN"]'])
      expect(asked).toContain(words)
    expect(asked).not.toMatch(/What\sis ADMIN_PASSWORD/)
  })

  it('leaves the variables of a shell to it', async () => {
    const services = {
      db: { image: 'postgres:17', healthcheck: { test: 'pg_isready -U $${POSTGRES_USER}' } },
      app: { image: 'shop:1', ports: [3000], healthcheck: { test: ['CMD', 'check', '$$HOME'] } },
    }
    const file = await put('shell/compose.yaml', stringify({ services }))
    const { blueprint } = written(await readCompose(file, directory))
    expect(blueprint.containers.map(({ health }) => health?.command)).toEqual([
      ['sh', '-c', 'pg_isready -U $${POSTGRES_USER}'],
      ['check', '$$HOME'],
    ])
  })

  it('keeps a program that is called as its service is', async () => {
    const services = {
      postgres: { image: 'postgres:17', command: 'postgres -c max_connections=50' },
      app: { image: 'shop:1', command: 'shop --database postgres --host postgres', ports: [3000] },
    }
    const { blueprint } = written(
      await readCompose(await put('called/compose.yaml', stringify({ services })), directory),
    )
    expect(blueprint.containers.map(({ command }) => command)).toEqual([
      ['postgres', '-c', 'max_connections=50'],
      ['shop', '--database', 'postgres', '--host', '127.0.0.1'],
    ])
  })

  it('asks how a command gets what became a secret', async () => {
    const services = {
      cache: { image: 'redis:8', command: 'redis-server --requirepass hunter23' },
      queue: { image: 'queue:1', command: 'queue --token ${QUEUE_TOKEN}' },
      search: { image: 'search:1', command: ['sh', '-c', 'search --key "$$SEARCH_KEY"'] },
      app: {
        image: 'shop:1',
        ports: [3000],
        environment: {
          REDIS_PASSWORD: 'hunter23',
          QUEUE_TOKEN: '${QUEUE_TOKEN}',
          SEARCH_KEY: '${SEARCH_KEY}',
          PIN_SECRET: '60',
        },
        command: ['shop', '--wait', '60'],
      },
    }
    const file = await put('held/compose.yaml', stringify({ services }))
    const { questions } = written(await readCompose(file, directory))
    const asked = questions.filter((line) => line.includes('A command has the value of'))
    expect(asked.map((line) => /value of (\w+)/.exec(line)?.[1])).toEqual(['REDIS_PASSWORD', 'QUEUE_TOKEN'])
  })

  it('is refused with one line if it is none', async () => {
    const refused = async (text: string) => {
      const error = await readCompose(await put('bad/compose.yaml', text), directory).catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(BadInput)
      const { message } = error as BadInput
      expect(message.split('\n')).toHaveLength(1)
      return message
    }
    expect(await refused('a: [')).toContain('is not valid YAML')
    expect(await refused('services: 1')).toContain('is not a compose file')
    expect(await refused('a: 1')).toContain('has no services')
    expect(await refused('services: {}')).toContain('has no services')
    await expect(readCompose(join(directory, 'none.yaml'), directory)).rejects.toThrow('cannot be read')
    await expect(readDockerfile(await put('bad/Dockerfile', 'RUN x'), directory)).rejects.toThrow('has no FROM')
  })
})

describe('what a compose file means', () => {
  const environmentsOf = async (services: object, more: object = {}) => {
    const file = await put('means/compose.yaml', stringify({ services, ...more }))
    const { blueprint, questions } = written(await readCompose(file, directory))
    return { ...blueprint, asked: questions.join('\n') }
  }
  const app = { image: 'shop:1', ports: ['3000:3000'] }

  it('takes a name for a host only where a host stands', async () => {
    const environment = {
      SESSION_DRIVER: 'redis',
      POSTGRES_DB: 'db',
      URL: 'postgres://db:1234pw@db:5432/db',
      REDIS_HOST: 'redis',
      PEERS: 'redis:6379,db:5432',
    }
    const { containers, asked } = await environmentsOf({
      app: { ...app, environment, links: ['db:database'], command: 'shop --host database --driver redis' },
      db: { image: 'postgres:17' },
      redis: { image: 'redis:8' },
    })
    expect(containers[0]?.environment).toEqual({
      SESSION_DRIVER: 'redis',
      POSTGRES_DB: 'db',
      URL: 'postgres://db:1234pw@127.0.0.1:5432/db',
      REDIS_HOST: '127.0.0.1',
      PEERS: '127.0.0.1:6379,127.0.0.1:5432',
    })
    expect(containers[0]?.command).toEqual(['shop', '--host', '127.0.0.1', '--driver', 'redis'])
    expect(asked).toContain('SESSION_DRIVER, redis: is it the host')
  })

  it('makes one secret of one variable, two of two values, and none of an empty one', async () => {
    const { containers } = await environmentsOf({
      app: {
        ...app,
        environment: {
          DB_PASSWORD: '${PG_PW}',
          URL: 'postgres://u:${PG_PW}@db/x',
          CACHE_PASSWORD: '${CACHE:-}',
          ROOT_PASSWORD: 'one-of-app-1',
        },
      },
      db: { image: 'postgres:17', environment: { POSTGRES_PASSWORD: '${PG_PW}', ROOT_PASSWORD: 'two-of-db-2' } },
    })
    const [shop, db] = containers
    expect(shop?.environment).toEqual({
      URL: 'postgres://u:${secret.DB_PASSWORD}@127.0.0.1/x',
      CACHE_PASSWORD: '',
      ROOT_PASSWORD: '${secret.APP_ROOT_PASSWORD}',
    })
    expect(db?.environment).toMatchObject({
      POSTGRES_PASSWORD: '${secret.DB_PASSWORD}',
      ROOT_PASSWORD: '${secret.DB_ROOT_PASSWORD}',
    })
  })

  it('reads .env, env_file, nested defaults, and leaves variables without a value out', async () => {
    await put('means/.env', 'KNOWN=yes-it-is\n')
    await put('means/more.env', 'QUOTED=\'$KNOWN\'\nFILLED="$KNOWN"\n')
    const { containers, asked } = await environmentsOf({
      app: {
        ...app,
        env_file: [
          { path: 'more.env', required: true },
          { path: 'none.env', required: false },
        ],
        environment: { A: '${A:-${B:-1}}', C: '${KNOWN:+set}', KNOWN: null, ABSENT: null, D: '${D?say D}' },
      },
    })
    expect(containers[0]?.environment).toEqual({
      QUOTED: '$$KNOWN',
      FILLED: 'yes-it-is',
      A: '1',
      C: 'set',
      KNOWN: 'yes-it-is',
      D: '',
    })
    expect(asked).toContain('What is ABSENT?')
    expect(asked).toContain('${D?say D}')
  })

  it('merges what a service extends, and asks about profiles, entrypoints and commands of a shell', async () => {
    await put('means/base.yaml', stringify({ services: { base: { image: 'base:1', environment: { FROM: 'base' } } } }))
    const { containers, asked } = await environmentsOf({
      app: { extends: { file: 'base.yaml', service: 'base' }, ports: ['3000'], environment: ['OWN=1'] },
      debug: { image: 'debug:1', profiles: ['debugging'] },
      redis: { image: 'redis:8', command: ['sh', '-c', 'redis-server --requirepass x'], entrypoint: ['/start'] },
      queue: { image: 'redis:8', working_dir: '/srv' },
    })
    expect(containers.map(({ name }) => name)).toEqual(['app', 'redis', 'queue'])
    expect(containers[0]).toMatchObject({ image: 'base:1', environment: { FROM: 'base', OWN: '1' } })
    expect(containers[1]?.command).toEqual(['sh', '-c', 'redis-server --requirepass x'])
    for (const words of ['profile debugging', 'entrypoint: ["/start"]', 'working_dir: /srv', 'both listen on 6379'])
      expect(asked).toContain(words)
  })

  it('gives a secret as a file', async () => {
    const { containers } = await environmentsOf(
      { app: { ...app, secrets: ['pw'], environment: { PASSWORD_FILE: '/run/secrets/pw' } } },
      { secrets: { pw: { file: './pw.txt' } } },
    )
    expect(containers[0]).toMatchObject({
      environment: { PASSWORD_FILE: '${FILES_DIRECTORY}/pw' },
      files: { pw: '${secret.PW_SECRET}' },
      secrets: ['PW_SECRET'],
    })
  })
})

it('a heredoc in a Dockerfile is no instruction', async () => {
  const text = 'FROM scratch\nRUN <<EOF\nEXPOSE 99\nCMD bad\nEOF\nCOPY <<EOF /x\nUSER 7\nEOF\nEXPOSE 3000\n'
  const { blueprint, questions } = written(await readDockerfile(await put('here/Dockerfile', text), directory))
  expect(blueprint.traffic.port).toBe(3000)
  expect(questions.join('\n')).toContain('runs as root')
})

it('never overwrites a file', async () => {
  const file = await put('kept.yaml', 'kept')
  const refusal = new BadInput(`${file} is not written: it is there already. Delete or rename it first.`)
  await expect(writeNew(file, 'new')).rejects.toEqual(refusal)
  expect(await readFile(file, 'utf8')).toBe('kept')
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
  const secret = ['DB_PASSWORD', 'JWT_SECRET', 'SECRET_KEY_BASE', 'API_TOKEN', 'APP_KEY', 'AUTH_SALT']
  const open = ['GPG_KEY', 'PASSWORD_FILE', 'PUBLIC_KEY', 'KEYBOARD', 'TOKENS']
  expect(secret.filter((name) => !looksSecret(name, 'x1'))).toEqual([])
  expect(open.filter((name) => looksSecret(name, 'x1'))).toEqual([])
  expect(looksSecret('USE_TOKEN', 'true')).toBe(false)
})
