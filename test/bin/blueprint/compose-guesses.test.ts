import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { readCompose } from '../../../bin/blueprint/init/read-compose.ts'
import { settle } from '../../../bin/blueprint/init/settle.ts'
import { writeBlueprint } from '../../../bin/blueprint/init/write-blueprint.ts'
import { parseBlueprint } from '../../../core/blueprint/blueprint.ts'

const draftOf = async (services: object) => {
  const directory = await mkdtemp(join(tmpdir(), 'sitewright-guesses-'))
  try {
    const file = join(directory, 'compose.yaml')
    await writeFile(file, stringify({ services }))
    const text = writeBlueprint(settle(await readCompose(file, directory)))
    const { containers, traffic, data } = parseBlueprint(parse(text), 'draft')
    return { containers, traffic, data, text }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

it('a draft asks about an image that is a variable without a value, and can be read', async () => {
  const { containers, text } = await draftOf({ web: { image: '${WEB_IMAGE}' } })
  expect(containers[0]?.image).toMatch(/^sitewright-guesses-[a-z0-9-]+-web:1$/)
  expect(text).toContain('# ? What is WEB_IMAGE?')
})

it('a draft asks about a variable that Sitewright sets itself where it means something else', async () => {
  const { text } = await draftOf({
    odoo: { image: 'odoo:16', environment: { HOST: 'db' } },
    web: { image: 'web:1', environment: { HOST: '0.0.0.0', PORT: 3170 } },
    db: { image: 'postgres:16' },
  })
  expect(text).toContain('# ? Sitewright sets HOST itself: by which other setting does it get `db`?')
  expect(text).toContain('`HOST: 0.0.0.0`, `PORT: 3170`')
})

it('a draft names the source of a directory with data, and asks where it may have something in it', async () => {
  const named = await draftOf({ web: { image: 'web:1', volumes: ['data:/data/'] } })
  expect([named.data.directory, named.text.includes('is empty at first')]).toEqual(['/data', false])
  const own = await draftOf({ web: { image: 'web:1', volumes: ['./plugins:/plugins'] } })
  expect(own.text).toContain('# ? It stores data in /plugins (./plugins).')
  const nameless = await draftOf({ web: { image: 'web:1', volumes: ['/app/node_modules/'] } })
  expect(nameless.text).toContain('# ? It stores data in /app/node_modules (without a name).')
  const shared = await draftOf({
    web: { image: 'web:1', volumes: ['files:/srv', './media:/media'] },
    worker: { image: 'worker:1', volumes: ['files:/work'] },
  })
  expect(shared.text).toContain('/srv (files), /media (./media), /work (files).')
})

it.each([
  ['is open to others than the machine', { ports: ['127.0.0.1:3030:3030'] }, {}],
  ['stands in front of the other', {}, { depends_on: ['first'] }],
])('visitors reach the container that %s', async (_, first, second) => {
  const { traffic, text } = await draftOf({
    first: { image: 'first:1', ports: ['3030:3030'], ...first },
    second: { image: 'second:1', ports: ['3000:3000'], ...second },
  })
  expect(traffic.container).toBe('second')
  expect(text).toContain("how do they reach 'first'?")
})

it.each(['postgrest/postgrest:14', 'prom/mysqld-exporter:1', 'dpage/postgres-backup:1'])(
  '%s is no database',
  async (image) => {
    const { containers } = await draftOf({ web: { image, ports: ['3000:3000'] } })
    expect([containers[0]?.environment, containers[0]?.health, containers[0]?.command]).toEqual([
      {},
      undefined,
      undefined,
    ])
  },
)

it.each(['RABBITMQ_PASS', 'PASS', 'SHOP_DBPASS', 'SMTP_USER_PWD', 'S3_SECRET_ACCESS_KEY'])(
  '%s is random for each site',
  async (name) => {
    const { containers } = await draftOf({
      web: { image: 'web:1', environment: { [name]: 'guest-word', PWD: '/srv' } },
    })
    expect(containers[0]).toMatchObject({ secrets: [name], environment: { PWD: '/srv' } })
  },
)

it('an image that is built has a name of its own, since another product or a registry may have the plain one', async () => {
  const { containers } = await draftOf({ nginx: { build: '.', ports: ['3000:3000'] } })
  expect(containers[0]?.image).toMatch(/^sitewright-guesses-[a-z0-9-]+-nginx:1$/)
})

it('where no port is published, visitors reach what nothing needs, and the draft asks', async () => {
  const { traffic, text } = await draftOf({
    search: { image: 'search:1' },
    web: { image: 'web:1', depends_on: ['search'] },
  })
  expect(traffic.container).toBe('web')
  expect(text).toContain("# ? No container has `ports`: is 'web' the one that visitors reach?")
})

it('a hidden directory of the machine has data, and a file of variables has none', async () => {
  const { data, text } = await draftOf({
    web: { image: 'web:1', volumes: ['~/.product:/root/.product', './.env:/app/.env'] },
  })
  expect(data.directory).toBe('/root/.product')
  expect(text).toContain('# ? ./.env is mounted at /app/.env')
})

it('a host in a script is replaced where it stands as one, and the draft asks elsewhere', async () => {
  const script = 'until </dev/tcp/db/5432; do sleep 1; done; wait-for db && web'
  const { containers, text } = await draftOf({
    web: { image: 'web:1', command: ['sh', '-c', script] },
    db: { image: 'postgres:16' },
  })
  expect(containers[0]?.command?.[2]).toBe(script.replace('tcp/db', 'tcp/127.0.0.1'))
  expect(text).toContain('# ? db: is it the host of the container with that name?')
})

it('a password in a query is the secret, and a draft asks about a value that may be one', async () => {
  const { containers, text } = await draftOf({
    web: {
      image: 'web:1',
      environment: { NC_DB: 'pg://db:5432?u=admin&p=word-1&d=main', OPTIONS: 'user admin, word-1', TITLE: 'words' },
    },
    db: { image: 'postgres:16', environment: { POSTGRES_PASSWORD: 'word-1' } },
  })
  expect(containers[0]?.environment).toEqual({
    NC_DB: 'pg://127.0.0.1:5432?u=admin&p=${secret.POSTGRES_PASSWORD}&d=main',
    OPTIONS: 'user admin, word-1',
    TITLE: 'words',
  })
  expect(text.match(/OPTIONS has what is the value of POSTGRES_PASSWORD elsewhere/g)).toHaveLength(1)
})
