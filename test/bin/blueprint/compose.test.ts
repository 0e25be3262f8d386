import { mkdtemp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { BadInput } from '../../../bin/blueprint/bad-input.ts'
import { readCompose } from '../../../bin/blueprint/init/read-compose.ts'
import { settle } from '../../../bin/blueprint/init/settle.ts'
import { isDatabase } from '../../../bin/blueprint/init/traffic.ts'
import { plain, readEnv } from '../../../bin/blueprint/init/variables.ts'
import { writeBlueprint } from '../../../bin/blueprint/init/write-blueprint.ts'
import { parseBlueprint } from '../../../core/blueprint/blueprint.ts'
import { requirePublishable } from '../../../lambdas/blueprints/require-publishable.ts'
import { directoryForAll } from '../../support/temporary-directories.ts'

const top = await directoryForAll()

/** Reads a compose file, with others beside it, and writes a draft that may be published. */
const draftOf = async (services: object, { more = {}, files = {} }: { more?: object; files?: object } = {}) => {
  const directory = await mkdtemp(join(top, 'shop-'))
  const all = { ...files, 'compose.yaml': { services, ...more } }
  for (const [name, content] of Object.entries(all))
    await writeFile(join(directory, name), typeof content === 'string' ? content : stringify(content))
  const text = writeBlueprint(settle(await readCompose(join(directory, 'compose.yaml'), directory)))
  const blueprint = parseBlueprint(parse(text), 'draft')
  requirePublishable(blueprint, [])
  return { ...blueprint, text }
}

it('a draft asks about an image that is a variable without a value, and can be read', async () => {
  const { containers, text } = await draftOf({ web: { image: '${WEB_IMAGE}' } })
  expect(containers[0]?.image).toMatch(/^shop-[a-z0-9-]+-web:1$/)
  expect(text).toContain('# ? What is WEB_IMAGE?')
})

it('a draft asks about a variable that Sitewright sets itself where it means something else', async () => {
  const { text } = await draftOf({
    odoo: { image: 'odoo:16', environment: { HOST: 'db', PORT: 8069 } },
    web: { image: 'web:1', ports: ['3170:3170'], environment: { HOST: '0.0.0.0', PORT: 3170 } },
    db: { image: 'postgres:16' },
  })
  expect(text).toContain('# ? Sitewright sets HOST itself: by which other setting does it get `db`?')
  expect(text).toContain('`HOST: 0.0.0.0`, `PORT: 3170`')
  // It is that of the visited container everywhere.
  expect(text).toContain('# ? Sitewright sets PORT itself: by which other setting does it get `8069`?')
})

it.each([
  ['another container has its address', {}, { environment: { API: 'http://web:3170/api' } }, 3170],
  ['another container has its host and its port', {}, { environment: { API_HOST: 'web', API_PORT: 3170 } }, 3170],
  ['the check of another container has it', {}, { healthcheck: { test: 'curl http://web:3170/' } }, 3170],
  ['its command has it', { command: 'serve --bind 0.0.0.0:3170' }, {}, 3170],
  ['its own check has it', { healthcheck: { test: 'nc -z localhost 3170' } }, {}, 3170],
  ['Sitewright asks its health path itself', { healthcheck: { test: 'curl http://localhost:3170/up' } }, {}, undefined],
  ['its own setting has it', { environment: { PORT: 3170, INNER: 'http://localhost:3170/in' } }, {}, 3170],
  ['only the address of the site has it', { environment: { PORT: 3170, URL: 'http://localhost:3170' } }, {}, undefined],
  ['another container has a port of its own', {}, { environment: { PORT: 3170, API: 'http://web:31700' } }, undefined],
  ['only root may listen on it', { environment: { PORT: 80 } }, { command: 'work http://web:80' }, undefined],
])('a draft keeps a PORT that other settings name: %s', async (_, web, worker, port) => {
  const { traffic } = await draftOf({
    web: { image: 'web:1', ports: ['3170:3170'], environment: { PORT: 3170 }, ...web },
    worker: { image: 'worker:1', ...worker },
  })
  expect(traffic.port).toBe(port)
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

it('databases are told from what only works with one', () => {
  const databases = [
    'postgis/postgis:17-3.5',
    'pgvector/pgvector:pg17',
    'tensorchord/pgvecto-rs:pg16-v0.3.0',
    'mongo:8',
  ]
  const others = ['postgrest/postgrest:14', 'prom/mysqld-exporter:1', 'dpage/postgres-backup:1']
  expect([...databases, ...others].filter((image) => isDatabase({ image }))).toEqual(databases)
})

it('an image that is built has a name of its own, since another product or a registry may have the plain one', async () => {
  const { containers } = await draftOf({ nginx: { build: '.', ports: ['3000:3000'] } })
  expect(containers[0]?.image).toMatch(/^shop-[a-z0-9-]+-nginx:1$/)
})

it('where no port is published, visitors reach what nothing needs, and the draft asks', async () => {
  const { traffic, text } = await draftOf({
    search: { image: 'search:1' },
    web: { image: 'web:1', depends_on: ['search'] },
  })
  expect(traffic.container).toBe('web')
  expect(text).toContain("# ? No container has `ports`: is 'web' the one that visitors reach?")
})

it('two volumes at one path are two directories of the data', async () => {
  const { containers, data } = await draftOf({
    web: { image: 'web:1', ports: ['3000:3000'], volumes: ['files:/data'] },
    search: { image: 'search:1', volumes: ['index:/data'] },
    redis: { image: 'redis:7', volumes: ['cache:/data'] },
  })
  expect(data.directory).toBe('/site-data')
  const mounts = containers.map((one) => one.mounts)
  expect(mounts).toEqual([...['files', 'index'].map((directory) => [{ path: '/data', directory }]), undefined])
})

it('the files of a database are in no directory of the product, which may serve or delete what is there', async () => {
  const { containers, data, text } = await draftOf({
    web: {
      image: 'web:1',
      ports: ['3000:3000'],
      environment: { MEDIA: '/srv/media/new' },
      volumes: ['html:/var/www/html', 'media:/srv/media', 'own:/srv/.own', 'other:/a/html'],
    },
    cron: { image: 'cron:1', volumes: ['html:/var/lib/html'] },
    db: { image: 'mysql:8', volumes: ['db:/var/lib/mysql'] },
  })
  expect(data.directory).toBe('/data')
  expect(containers[2]?.command).toEqual(['mysqld', '--datadir=${DATA_DIRECTORY}/db'])
  expect(containers.map(({ mounts }) => mounts)).toEqual([
    [
      { path: '/var/www/html', directory: 'html' },
      { path: '/srv/media', directory: 'media' },
      { path: '/srv/.own', directory: 'own' },
      { path: '/a/html', directory: 'other' },
    ],
    [{ path: '/var/lib/html', directory: 'html' }],
    undefined,
  ])
  expect(containers[0]?.environment).toEqual({ MEDIA: '${DATA_DIRECTORY}/media/new' })
  expect(text).toContain('AWS has no `mounts`')
  // A directory of the product is not above them either.
  const above = await draftOf({ web: { image: 'web:1', volumes: ['db:/data/db'] }, db: { image: 'mysql:8' } })
  expect([above.data.directory, above.containers[0]?.mounts]).toEqual([
    '/site-data',
    [{ path: '/data/db', directory: 'data-db' }],
  ])
})

it('a draft shows no empty directory where the code of a product may be, and asks', async () => {
  const { containers, text } = await draftOf({
    web: {
      build: '.',
      ports: ['3000:3000'],
      environment: { FILES: '/app/files/new', HOME: '/app/home' },
      volumes: ['.:/app', '/app/node_modules', 'files:/app/files', '~/.product:/root/.product'],
    },
    db: { image: 'postgres:16' },
  })
  expect(containers[0]?.mounts).toEqual([{ path: '/app/files', directory: 'files' }])
  // The longest path says where a file is.
  expect(containers[0]?.environment).toEqual({ FILES: '${DATA_DIRECTORY}/files/new', HOME: '/app/home' })
  const asked = text.split('\n').filter((line) => line.includes('does it start without what is there?'))
  expect(asked.map((line) => /data in (.*?)\. .*`mounts` needs (.*)\.$/.exec(line)?.slice(1))).toEqual([
    ['/root/.product (~/.product)', '`path: /root/.product` and `directory: product`'],
  ])
})

it('a draft says that the source of a product comes with its image', async () => {
  const { data, text } = await draftOf({
    web: {
      build: './web',
      volumes: ['./web/:/app:ro', 'packages:/app/node_modules', '.:/all', './up:/app/up', '${UP}:/up'],
    },
  })
  for (const [source, target] of [
    ['./web/', '/app'],
    ['.', '/all'],
  ])
    expect(text).toContain(`# ? ${source} is mounted at ${target}, and a site has only what its image has: does a`)
  expect(text).toContain('`volumes: /app/node_modules`')
  expect(text).not.toContain('It stores data in /app (')
  expect(data.directory).toBe('/data')
})

it('a draft shares no secret for what people are to replace, but the password of a database', async () => {
  const { containers } = await draftOf({
    web: {
      image: 'web:1',
      environment: {
        ...{ APP_KEYS: 'changethis', JWT_SECRET: 'changethis', ADMIN_PASSWORD: 'changethis', DB_PASS: 'changethis' },
        ...{ REDIS_PASSWORD: 'null', URL: 'postgres://shop_database:shop_database@db/shop_database' },
      },
    },
    db: {
      image: 'postgres:17',
      environment: { POSTGRES_PASSWORD: 'changethis', POSTGRES_DB: 'shop_database', OTHER_PASSWORD: 'shop_database' },
    },
  })
  expect(containers[0]?.secrets).toEqual(['APP_KEYS', 'JWT_SECRET', 'ADMIN_PASSWORD', 'DB_PASS', 'OTHER_PASSWORD'])
  expect(containers[0]?.environment).toEqual({
    REDIS_PASSWORD: 'null',
    URL: 'postgres://shop_database:${secret.OTHER_PASSWORD}@127.0.0.1/shop_database',
  })
  expect(containers[1]?.environment).toMatchObject({
    POSTGRES_PASSWORD: '${secret.DB_PASS}',
    POSTGRES_DB: 'shop_database',
  })
})

it('a draft finds what visitors reach behind Traefik, and no tool of developers', async () => {
  const port = 'traefik.http.services.shop.loadbalancer.server.port'
  const { traffic, text } = await draftOf({
    adminer: { image: 'adminer', labels: { [port]: 8080 }, depends_on: ['db'] },
    migrate: { image: 'shop:1', command: ['migrate'], env_file: [] },
    web: {
      image: 'shop:1',
      labels: [`${port}=8000`],
      depends_on: { migrate: { condition: 'service_completed_successfully', restart: true } },
    },
    traefik: { image: 'traefik:v3' },
    db: { image: 'postgres:17', environment: { PORT: 1337 } },
  })
  expect(traffic).toMatchObject({ container: 'web', port: 8000 })
  expect(text).toContain("# ? It starts after 'migrate' has ended, and the containers of a site run on")
  expect(text).toContain('`depends_on: {"migrate":{"restart":true}}`')
  expect(text.match(/does a site need this container/g)).toHaveLength(1)
  expect(text).not.toContain('Sitewright sets PORT itself')
})

it('databases of one kind have directories of their own, which are made', async () => {
  const { containers, text } = await draftOf({
    web: { image: 'web:1', ports: ['3000:3000'] },
    cache: { image: 'redis:8', volumes: ['cache:/data'] },
    queue: { image: 'valkey/valkey:9', command: ['valkey-server', '--appendonly', 'yes'] },
    store: { image: 'mongo:8' },
    other: { image: 'bitnami/mongodb:7' },
  })
  const made = (name: string) => ['sh', '-c', 'mkdir -p "$$0" && exec "$$@"', `\${DATA_DIRECTORY}/${name}`]
  expect(containers.slice(1).map(({ command }) => command)).toEqual([
    [...made('cache'), 'redis-server', '--dir', '${DATA_DIRECTORY}/cache'],
    [...made('queue'), 'redis-server', '--appendonly', 'yes', '--dir', '${DATA_DIRECTORY}/queue'],
    [...made('store'), 'docker-entrypoint.sh', 'mongod', '--dbpath', '${DATA_DIRECTORY}/store'],
    [...made('other'), 'mongod', '--dbpath', '${DATA_DIRECTORY}/other'],
  ])
  expect(text.match(/who makes its first user/g)).toHaveLength(1)
  expect(text).toContain('who makes its first user?\n  - name: other\n')
})

it.each([
  [
    'redis:8',
    'redis-server /etc/redis.conf --appendonly yes',
    'redis-server /etc/redis.conf --appendonly yes --dir ${DATA_DIRECTORY}/db',
  ],
  ['redis:8', 'redis-server --dir /data --save 60', 'redis-server --save 60 --dir ${DATA_DIRECTORY}/db'],
  [
    'mongo:8',
    'docker-entrypoint.sh mongod --bind_ip_all',
    'docker-entrypoint.sh mongod --bind_ip_all --dbpath ${DATA_DIRECTORY}/db',
  ],
  ['mongo:8', 'mongod --dbpath=/data/db --quiet', 'mongod --quiet --dbpath ${DATA_DIRECTORY}/db'],
  [
    'mysql:8',
    'mysqld --defaults-file=/etc/shop.cnf',
    'mysqld --defaults-file=/etc/shop.cnf --datadir=${DATA_DIRECTORY}/db',
  ],
  ['mysql:8', 'mysqld --datadir /srv --port=3307', 'mysqld --port=3307 --datadir=${DATA_DIRECTORY}/db'],
])('the directory of a database is named once, by the last option: %s, %s', async (image, command, end) => {
  const { containers } = await draftOf({ db: { image, command } })
  const words = end.split(' ')
  expect(containers[0]?.command?.slice(-words.length)).toEqual(words)
})

it('a draft says that a command of a shell has to make the directory of its database', async () => {
  const { text } = await draftOf({ db: { image: 'redis:8', command: ['sh', '-c', 'redis-server --save 60'] } })
  expect(text).toContain('`redis-server --dir ${DATA_DIRECTORY}/db` says? It has to make that directory first.')
})

it('a draft asks about a volume of a database that is not its data', async () => {
  const volumes = ['backups:/backups', 'db:/var/lib/postgresql/data']
  const { text } = await draftOf({ db: { image: 'postgres:17', volumes } })
  expect(text).toContain('# ? It also has /backups: is that data?')
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

it('a host in the settings of a connection is replaced behind its key, and the draft asks about another', async () => {
  const environment = {
    A: 'Host=db;Port=5432;Database=db;Username=db',
    B: 'Data Source = tcp:db,1433;Initial Catalog=db',
    C: 'cache,ssl=False',
    D: 'service.name=cache,User Id=db',
    E: 'web,cache',
    F: 'mysql:dbname=db;server=db',
    G: 'one=1;two=cache',
  }
  const { containers, text } = await draftOf({
    web: { image: 'web:1', environment, ports: [3000] },
    db: { image: 'postgres:16' },
    cache: { image: 'memcached:1' },
  })
  expect(containers[0]?.environment).toEqual({
    ...environment,
    A: 'Host=127.0.0.1;Port=5432;Database=db;Username=db',
    B: 'Data Source = tcp:127.0.0.1,1433;Initial Catalog=db',
    F: 'mysql:dbname=db;server=127.0.0.1',
  })
  expect(text).toContain('# ? C, G: is it the host of the container with that name? Then it is 127.0.0.1.')
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

it('a user in an address stays, though a service is called so', async () => {
  const { containers } = await draftOf({
    web: {
      image: 'web:1',
      environment: { DATABASE: 'pg://postgres@postgres/main', MAIL: 'smtp://postgres:a@postgres' },
    },
    postgres: { image: 'postgres:16' },
  })
  expect(containers[0]?.environment).toEqual({
    DATABASE: 'pg://postgres@127.0.0.1/main',
    MAIL: 'smtp://postgres:a@127.0.0.1',
  })
})

it('a service is also reached by its host name, unless that is a domain', async () => {
  const { containers } = await draftOf({
    web: { image: 'web:1', hostname: 'shop.example', environment: { DB_HOST: 'store', SITE: 'https://shop.example' } },
    db: { image: 'postgres:16', hostname: 'store' },
    mail: { image: 'mail:1', hostname: '${MAIL_NAME:-}' },
  })
  expect(containers[0]?.environment).toEqual({ DB_HOST: '127.0.0.1', SITE: 'https://shop.example' })
})

it('a health check asks at this address, and a draft asks about another name in it', async () => {
  const check = { test: ['CMD', 'wget', 'http://web:3000/ping'] }
  const { containers, text } = await draftOf({
    front: { image: 'front:1', ports: ['3100:3100'] },
    web: { image: 'web:1', healthcheck: check },
    worker: { image: 'worker:1', healthcheck: { test: 'nc -z web 3000' } },
  })
  expect(containers[1]?.health?.command).toEqual(['wget', 'http://127.0.0.1:3000/ping'])
  expect(text).toContain('# ? web: is it the host of the container with that name?')
})

it('an own address keeps its path, and a draft names what it was', async () => {
  const { containers, text } = await draftOf({
    web: { image: 'web:1', environment: { AUTH_URL: 'http://localhost:3000/api/auth', APP_URL: 'http://localhost/' } },
  })
  expect(containers[0]?.environment).toEqual({ AUTH_URL: '${SITE_URL}/api/auth', APP_URL: '${SITE_URL}/' })
  expect(text).toContain('`AUTH_URL: http://localhost:3000/api/auth`')
})

it('a command keeps a variable without a value, so that a shell can read it, and has no empty word', async () => {
  const { containers, text } = await draftOf({
    front: { image: 'front:1', ports: ['3100:3100'] },
    cache: {
      image: 'cache:1',
      command: ['serve', '${FLAGS:-}'],
      healthcheck: { test: ['CMD', 'ping', '-a', '$CACHE_PASSWORD'] },
    },
  })
  expect(containers[1]).toMatchObject({ command: ['serve'], health: { command: ['ping', '-a', '$$CACHE_PASSWORD'] } })
  expect(text).toContain('# ? Its command has an empty word, which a blueprint cannot have: does it work without?')
})

it('a draft asks about a service to wait for that is not in the file', async () => {
  const { text } = await draftOf({ web: { image: 'web:1', depends_on: ['redis_cache'] }, redis: { image: 'redis:7' } })
  expect(text).toContain("# ? It starts after 'redis_cache', which is not in the file: does it need it?")
})

it('visitors reach a port that everybody may listen on, and a draft asks about the others', async () => {
  const open = await draftOf({ web: { image: 'web:1', ports: ['80:80', '2222:22', '3000:3000'] } })
  expect(open.traffic.port).toBe(3000)
  expect(open.text).toContain('# ? It also listens on 80, 22. Is 3000 the one for visitors?')
  const low = await draftOf({ web: { image: 'web:1', ports: ['80:80', '443:443'] } })
  expect(low.text).toContain('# ? It also listens on 443. Is 80 the one for visitors?')
  expect(low.text).toContain('80, which only root may')
})

it('visitors reach the port of the health check, and a draft asks about a port that only root may listen on', async () => {
  const checked = (address: string) => ({ healthcheck: { test: ['CMD', 'curl', '-f', address] } })
  const web = { image: 'web:1', ports: ['80:80', '9000:9000'] }
  const low = await draftOf({ web: { ...web, ...checked('http://localhost:80/health') } })
  expect(low.traffic).not.toHaveProperty('port')
  expect(low.text).toContain('# ? It also listens on 9000. Is 80 the one for visitors?')
  const high = await draftOf({ web: { ...web, ports: ['8443:8443', '3000'], ...checked('http://localhost:3000/') } })
  expect(high.traffic.port).toBe(3000)
  expect(high.text).not.toContain('which only root may')
  const open = await draftOf({ web: { ...web, ...checked('http://localhost/health') } })
  expect(open.traffic.port).toBe(9000)
  for (const { text } of [low, open]) {
    expect(text).toContain('# ? It listens on 80, which only root may.')
    expect(text).toContain('does it work with `port: 80`, and NET_BIND_SERVICE in `capabilities`?')
  }
})

it.each([
  ['https://github.com/acme/web.git#main:app'],
  ['git@github.com:acme/web.git'],
  ['github.com/acme/web'],
  ['https://${REPO:-example.com}/web.tgz'],
])('a draft asks about what is built from %s', async (build) => {
  const { containers, text } = await draftOf({ web: { build, ports: ['3000:3000'] } })
  expect(containers[0]).not.toHaveProperty('build')
  expect(text).toContain('# ? It is built from ')
})

it('a draft asks about ports as the file writes them', async () => {
  const { text } = await draftOf({ web: { image: 'web:1', ports: ['${CALLS}:${CALLS}/udp'] } })
  expect(text).toContain('# ? It has the port ${CALLS}:${CALLS}/udp, and')
})

it('a product starts after a database that a variable names, since a site that ends starts all of its containers again', async () => {
  const db = { image: 'mysql:8', container_name: 'shop_db' }
  const { containers } = await draftOf({
    web: { image: 'web:1', ports: ['3000:3000'], depends_on: ['cache'], environment: { DB_HOST: 'shop_db' } },
    worker: { image: 'worker:1', environment: { DATABASE_URL: 'mysql://shop:shop@db:3306/shop' } },
    mail: { image: 'mail:1', environment: { DOMAIN: 'db.example.com', DB_USER: 'db' } },
    cache: { image: 'redis:8' },
    db,
  })
  expect(Object.fromEntries(containers.map(({ name, after }) => [name, after]))).toEqual({
    ...{ web: ['cache', 'db'], worker: ['db'], mail: undefined, cache: undefined, db: undefined },
  })
})

it('a draft asks about an address that may be that of the product', async () => {
  const environment = {
    ...{ BASE_URL: 'https://shop.acme.de', DOMAIN: 'https://vw.domain.tld', ENDPOINT: 'https://shop.example.com/api' },
    ...{ STRIPE_API_URL: 'https://api.stripe.com', ADMIN: 'ada@example.com', ORIGIN: 'http://other:80' },
    ...{ CSRF_TRUSTED_ORIGINS: 'https://shop.acme.de', ALLOWED_HOSTS: 'localhost shop.acme.de', TRUSTED_HOSTS: '*' },
  }
  const web = { image: 'web:1', ports: ['3000:3000'], environment }
  const { text } = await draftOf({ web, other: { image: 'other:1', environment: { URL: 'https://shop.acme.de' } } })
  expect([...text.matchAll(/# \? `(\w+): .*is it the address of the product/g)].map(([, name]) => name)).toEqual([
    ...['BASE_URL', 'DOMAIN', 'ENDPOINT', 'CSRF_TRUSTED_ORIGINS'],
  ])
  expect([...text.matchAll(/# \? `(\w+): .*does it refuse other hosts/g)].map(([, name]) => name)).toEqual([
    'ALLOWED_HOSTS',
  ])
})

it('a draft has no value that gives access to a service elsewhere', async () => {
  const keys = {
    ...{ MAILER_DSN: 'smtp://shop:r3alP4ss@smtp.mail.example.org:587', GITHUB_PAT: 'ghp_0123456789abcdef' },
    ...{ OPENAI_API: 'sk-proj-abcdefghijkl', JWT: '-----BEGIN RSA PRIVATE KEY-----\nMIIE\n', CARDS: 'sk_live_51Habc' },
  }
  const environment = {
    ...{ ...keys, DB_URL: 'postgres://shop:inner99@db/shop', SENTRY: 'https://abc@sentry.example.org/2' },
    ...{
      SMTP_URL: 'smtp://shop:${SMTP_PASSWORD:-x7Yz12}@smtp.mail.example.org',
      PAGE: 'https://shop.acme.de:8443/@ada',
    },
  }
  const db = { image: 'postgres:17', environment: { POSTGRES_PASSWORD: 'inner99' } }
  const old = { image: 'old:1', profiles: ['old'], environment: { ...keys, API_TOKEN: 'x7Yz12-token' } }
  const { containers, text } = await draftOf({
    web: { image: 'web:1', environment, 'x-env': ['API_TOKEN=x7Yz12'] },
    db,
    old,
  })
  expect(text).toContain('`x-env: ["API_TOKEN=…"]`')
  expect(containers[0]?.secrets).toEqual([...Object.keys(keys), 'POSTGRES_PASSWORD', 'SMTP_PASSWORD'])
  expect(containers[0]?.environment).toEqual({
    DB_URL: 'postgres://shop:${secret.POSTGRES_PASSWORD}@127.0.0.1/shop',
    SMTP_URL: 'smtp://shop:${secret.SMTP_PASSWORD}@smtp.mail.example.org',
    ...{ SENTRY: environment.SENTRY, PAGE: environment.PAGE },
  })
  for (const value of ['r3alP4ss', 'ghp_', 'sk-proj', 'BEGIN', 'sk_live', 'x7Yz12']) expect(text).not.toContain(value)
})

it('a draft has no key that tells by its form what it is, and asks about what may be one', async () => {
  const letters = 'aB3'.repeat(12)
  const keys = {
    ...{
      WEBHOOK_SIGNING: `whsec_${letters}`,
      LICENCE: `eyJ${letters}.eyJ${letters}.${letters}`,
      NPM: `npm_${letters}`,
    },
    ...{ CHAT: `https://hooks.slack.com/services/T0/B0/${letters}`, MAPS: `AIza${letters.slice(1)}` },
    ...{ ROOM: `https://discord.com/api/webhooks/1/${letters}`, MODEL: `hf_${letters}`, BOT: `xapp-1-${letters}` },
  }
  const open = {
    ...{ COMMIT_SHA: '0123456789abcdef'.repeat(2), TENANT: '0b1c2d3e-1111-4222-8333-444455556666', THEME: 'hf_dark' },
    ...{ PAGE: '/var/lib/shop/2026/pages/first-and-second-one', REGISTRY: 'npm_mirror' },
  }
  const environment = { ...keys, ...open, ENCRYPTION: '89ab'.repeat(16) }
  const { containers, text } = await draftOf({ web: { image: 'web:1', environment } })
  expect(containers[0]?.secrets).toEqual(Object.keys(keys))
  expect(containers[0]?.environment).toMatchObject(open)
  expect(text).not.toContain(letters.slice(1))
  expect([...text.matchAll(/(\w+) looks random/g)].map(([, name]) => name)).toEqual(['ENCRYPTION'])
})

it('a password is replaced only where it is one, if it may be a name too', async () => {
  const { containers } = await draftOf({
    db: { image: 'postgres:17', environment: { POSTGRES_USER: 'postgres', POSTGRES_PASSWORD: 'postgres' } },
    app: {
      image: 'ghcr.io/acme/shop:4.2',
      ports: ['3000:3000'],
      environment: {
        DATABASE_URL: 'postgres://postgres:postgres@db/postgres',
        DSN: 'host=db user=postgres password=postgres dbname=postgres',
        MYSQL_DSN: 'root:postgres@tcp(db:3306)/postgres',
        OPTIONS: '--user postgres --password postgres',
        SETTINGS: '{"user": "postgres", "password": "postgres"}',
      },
    },
  })
  expect(containers.map(({ environment }) => environment)).toMatchObject([
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

it('a draft has containers in their order, shared secrets, and the data of databases inside', async () => {
  const { services } = parse(compose)
  const draft = await draftOf(services, { more: { name: 'compose' }, files: { 'shop.env': 'LOCALE=de\n' } })
  expect(draft).toMatchObject({
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
  for (const words of ['What is MAIL_HOST?', './config.yml is mounted', 'cap_add: ["NET_ADMIN"]'])
    expect(draft.text).toContain(words)
  expect(draft.text).not.toMatch(/What\sis ADMIN_PASSWORD/)
})

it('the variables of a shell are left to it', async () => {
  const { containers } = await draftOf({
    db: { image: 'postgres:17', healthcheck: { test: 'pg_isready -h localhost -U $${POSTGRES_USER}' } },
    app: { image: 'shop:1', ports: [3000], healthcheck: { test: ['CMD', 'check', '$$HOME'] } },
  })
  expect(containers.map(({ health }) => health?.command)).toEqual([
    ['sh', '-c', 'pg_isready -h localhost -U $${POSTGRES_USER}'],
    ['check', '$$HOME'],
  ])
})

it.each([
  ['mysql:8', ['mysqladmin', 'ping', '-h', 'localhost'], true],
  ['mysql:8', 'mysqladmin ping --host=localhost -p$$MYSQL_ROOT_PASSWORD', true],
  ['mysql:8', ['mysql', '-uroot', '-e', 'SELECT 1'], true],
  ['mysql:8', 'mysqladmin ping -h localhost --protocol=tcp', false],
  ['mysql:8', 'mysqladmin ping -h 127.0.0.1 -u mysql --silent', false],
  ['mysql:8', '/opt/bitnami/scripts/mysql/healthcheck.sh', false],
  ['mariadb:11', 'mariadb-admin ping', true],
  ['mysql:8', 'MYSQL_PWD=hunter23 mysqladmin ping', true],
  ['mysql:8', 'mysqladmin ping -P 3307 -p"my secret"', true],
  ['mariadb:11', 'mariadb-admin ping --port=3307', true],
  ['mariadb:11', ['healthcheck.sh', '--su-mysql', '--connect', '--innodb_initialized'], false],
  ['postgres:17', ['pg_isready', '-U', 'app', '-d', 'app'], true],
  ['postgres:17', ['pg_isready', '-U', 'app', '-p', '5433'], true],
  ['postgres:17', 'psql -U app -c "SELECT 1" || exit 1', true],
  ['postgres:17', 'pg_isready -h 127.0.0.1', false],
  ['redis:8', 'redis-cli ping', false],
])('a check of %s that asks at the socket is replaced: %j, %s', async (image, words, isReplaced) => {
  const test = typeof words === 'string' ? words : ['CMD', ...words]
  const app = { image: 'shop:1', ports: [3000] }
  const { containers, text } = await draftOf({ app, db: { image, healthcheck: { test } } })
  const shown =
    typeof words === 'string' ? `sh -c ${words.replace(/( -p|PWD=)(?:"[^"]*"|\S+)/, '$1…')}` : words.join(' ')
  const own = typeof words === 'string' ? ['sh', '-c', words] : words
  expect(text.includes(`Left out, because a site has its own way: \`healthcheck: ${shown}\``)).toBe(isReplaced)
  const command = containers.find(({ name }) => name === 'db')?.health?.command
  if (isReplaced) expect(command?.join(' ')).toMatch(/(?:--host 127\.0\.0\.1|--connect)(?: --port (?:3307|5433))?$/)
  else expect(command).toEqual(own)
  const port = /330[^6]|5433/.exec(shown)?.[0]
  if (port !== undefined) expect(command?.slice(-2)).toEqual(['--port', port])
})

it('a program that is called as its service is stays', async () => {
  const { containers } = await draftOf({
    postgres: { image: 'postgres:17', command: 'postgres -c max_connections=50' },
    app: { image: 'shop:1', command: 'shop --database postgres --host postgres', ports: [3000] },
  })
  expect(containers.map(({ command }) => command)).toEqual([
    ['postgres', '-c', 'max_connections=50'],
    ['shop', '--database', 'postgres', '--host', '127.0.0.1'],
  ])
})

it('a draft asks how a command gets what became a secret', async () => {
  const environment = {
    ...{ REDIS_PASSWORD: 'hunter23', QUEUE_TOKEN: '${QUEUE_TOKEN}', SEARCH_KEY: '${SEARCH_KEY}', PIN_SECRET: '60' },
  }
  const { text } = await draftOf({
    cache: { image: 'redis:8', command: 'redis-server --requirepass hunter23' },
    queue: { image: 'queue:1', command: 'queue --token ${QUEUE_TOKEN}' },
    search: { image: 'search:1', command: ['sh', '-c', 'search --key "$$SEARCH_KEY"'] },
    app: { image: 'shop:1', ports: [3000], environment, command: ['shop', '--wait', '60'] },
  })
  const asked = [...text.matchAll(/A command has the value of (\w+)/g)].map(([, name]) => name)
  expect(asked).toEqual(['REDIS_PASSWORD', 'QUEUE_TOKEN'])
})

it.each([
  ['a: [', 'is not valid YAML'],
  ['services: 1', 'is not a compose file'],
  ['a: 1', 'has no services'],
  ['services: {}', 'has no services'],
  ['web: { image: web }', 'stand below `services` since version 2'],
])('what is no compose file is refused with one line: %s', async (text, reason) => {
  const file = join(top, 'bad.yaml')
  await writeFile(file, text)
  const error: unknown = await readCompose(file, top).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(BadInput)
  expect(String(error).split('\n')).toEqual([expect.stringContaining(reason)])
  await expect(readCompose(join(top, 'none.yaml'), top)).rejects.toThrow('cannot be read')
})

const app = { image: 'shop:1', ports: ['3000:3000'] }

it('takes a name for a host only where a host stands', async () => {
  const environment = {
    SESSION_DRIVER: 'redis',
    POSTGRES_DB: 'db',
    URL: 'postgres://db:1234pw@db:5432/db',
    REDIS_HOST: 'redis',
    PEERS: 'redis:6379,db:5432',
  }
  const { containers, text } = await draftOf({
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
  expect(text).toContain('SESSION_DRIVER, redis: is it the host')
})

it('makes one secret of one variable, two of two values, and none of an empty one', async () => {
  const { containers } = await draftOf({
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
  const files = { '.env': 'KNOWN=yes-it-is\n', 'more.env': 'QUOTED=\'$KNOWN\'\nFILLED="$KNOWN"\n' }
  const { containers, text } = await draftOf(
    {
      app: {
        ...app,
        env_file: [
          { path: 'more.env', required: true },
          { path: 'none.env', required: false },
        ],
        environment: { A: '${A:-${B:-1}}', C: '${KNOWN:+set}', KNOWN: null, ABSENT: null, D: '${D?say D}' },
      },
    },
    { files },
  )
  expect(containers[0]?.environment).toEqual({
    QUOTED: '$$KNOWN',
    FILLED: 'yes-it-is',
    A: '1',
    C: 'set',
    KNOWN: 'yes-it-is',
    D: '',
  })
  expect(text).toContain('What is ABSENT?')
  expect(text).toContain('${D?say D}')
})

it('merges what a service extends, and asks about profiles, entrypoints and commands of a shell', async () => {
  const base = { services: { base: { image: 'base:1', environment: { FROM: 'base' } } } }
  const { containers, text } = await draftOf(
    {
      app: { extends: { file: 'base.yaml', service: 'base' }, ports: ['3000'], environment: ['OWN=1'] },
      debug: { image: 'debug:1', profiles: ['debugging'] },
      redis: { image: 'redis:8', command: ['sh', '-c', 'redis-server --requirepass x'], entrypoint: ['/start'] },
      queue: { image: 'redis:8', working_dir: '/srv' },
    },
    { files: { 'base.yaml': base } },
  )
  expect(containers.map(({ name }) => name)).toEqual(['app', 'redis', 'queue'])
  expect(containers[0]).toMatchObject({ image: 'base:1', environment: { FROM: 'base', OWN: '1' } })
  expect(containers[1]?.command).toEqual(['sh', '-c', 'redis-server --requirepass x'])
  for (const words of ['profile debugging', 'entrypoint: ["/start"]', 'working_dir: /srv', 'both listen on 6379'])
    expect(text).toContain(words)
})

it('gives a secret as a file', async () => {
  const { containers } = await draftOf(
    { app: { ...app, secrets: ['pw'], environment: { PASSWORD_FILE: '/run/secrets/pw' } } },
    { more: { secrets: { pw: { file: './pw.txt' } } } },
  )
  expect(containers[0]).toMatchObject({
    environment: { PASSWORD_FILE: '${FILES_DIRECTORY}/pw' },
    files: { pw: '${secret.PW_SECRET}' },
    secrets: ['PW_SECRET'],
  })
})

it.each([
  [String.raw`A="say \"hi\" to \$B"`, 'say "hi" to $B'],
  ['A="one\\\\ntwo\\nthree"', 'one\\ntwo\nthree'],
  [String.raw`A='it\'s $B' # quoted`, "it's $B"],
  ["A=b\r\nB='c'", 'b'],
])('a value of a file of variables is that of Compose: %s', (text, value) => {
  expect(plain(readEnv(text, () => undefined)['A'] ?? '')).toBe(value)
})
