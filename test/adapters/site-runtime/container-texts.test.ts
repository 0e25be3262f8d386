import { expect, it } from 'vitest'
import {
  containerCommand,
  containerEnvironment,
  containerFiles,
  openEnvironment,
  openFiles,
  secretTexts,
} from '../../../adapters/site-runtime/container-texts.ts'
import { interpolate } from '../../../core/blueprint/interpolate.ts'
import { probeLaunch } from '../../support/probe-launch.ts'

const launch = {
  ...probeLaunch({
    sidecar: true,
    container: {
      environment: {
        COLOUR: 'green',
        listen: '${HOST}:${PORT}',
        QUEUE: 'amqp://site:${secret.SESSION_KEY}@127.0.0.1/${DATA_DIRECTORY}',
        PRICE: '5 $$',
      },
      secrets: ['SESSION_KEY'],
      files: { 'site.json': '{"url":"${SITE_URL}","key":"${secret.SESSION_KEY}","price":"$${5}"}' },
    },
    environment: { SITEWRIGHT_ROOT_KEY: 'public' },
  }),
  secrets: { SESSION_KEY: 'of $$ the site', QUEUE_KEY: 'of the queue' },
  facts: { SITE_URL: 'https://shop.example.com/$$' },
}
const [site, sidecar] = launch.blueprint.containers
const place = {
  host: '0.0.0.0',
  port: 20_001,
  dataDirectory: '/data',
  filesDirectory: '/run/files',
  homeDirectory: '/home',
}
const placed = { HOST: '0.0.0.0', PORT: '20001', DATA_DIRECTORY: '/data' }

it('a container gets its own settings and secrets, and what every container gets', () => {
  expect(containerEnvironment(site!, launch, place)).toEqual({
    HOME: '/home',
    COLOUR: 'green',
    listen: '0.0.0.0:20001',
    QUEUE: 'amqp://site:of $$ the site@127.0.0.1//data',
    PRICE: '5 $',
    SESSION_KEY: 'of $$ the site',
    ...launch.environment,
    ...placed,
    FILES_DIRECTORY: '/run/files',
  })
})

it('a container gets the variables that it lists, as they are, and not one that is empty', () => {
  const { blueprint, facts } = probeLaunch({ container: { environment: { OPTIONS: '--theme=${variable.THEME}' } } })
  const [web] = blueprint.containers
  const values = { 'variable.THEME': 'a ${PORT} $$', 'variable.LOGO': '', 'variable.OTHER': 'x' }
  const given = { ...launch, facts: { ...facts, ...values } }
  const environment = containerEnvironment({ ...web!, variables: ['THEME', 'LOGO'] }, given, place)
  expect(environment).toMatchObject({ THEME: 'a ${PORT} $$', OPTIONS: '--theme=a ${PORT} $$' })
  expect(Object.keys(environment)).not.toContain('LOGO')
  expect(Object.keys(environment)).not.toContain('OTHER')
})

it("a container gets no other container's secrets and files", () => {
  expect(containerEnvironment(sidecar!, launch, place)).toEqual({ HOME: '/home', ...launch.environment, ...placed })
  expect(containerFiles(sidecar!, launch, place)).toEqual({})
})

it('a container finds the values in its files and its command', () => {
  const text = '{"url":"https://shop.example.com/$$","key":"of $$ the site","price":"${5}"}'
  expect(containerFiles(site!, launch, place)).toEqual({ 'site.json': text })
  expect(containerCommand(['serve', '--listen=${HOST}:${PORT}', '${SITE_URL}'], site!, launch, place)).toEqual([
    'serve',
    '--listen=0.0.0.0:20001',
    'https://shop.example.com/$$',
  ])
})

it('splits texts into secret and open parts that make the same text', () => {
  const { QUEUE: _, SESSION_KEY: __, ...open } = containerEnvironment(site!, launch, place)
  expect(openEnvironment(site!, launch, place)).toEqual(open)
  const [mixed] = secretTexts(site!, launch, place)
  expect(mixed).toEqual({
    name: 'QUEUE',
    value: 'amqp://site:of $$ the site@127.0.0.1//data',
    open: 'amqp://site:${secret.SESSION_KEY}@127.0.0.1//data',
  })
  const files = openFiles(site!, launch, place)
  expect(JSON.stringify(files)).not.toContain('of $$ the site')
  expect(interpolate(files['site.json']!, { 'secret.SESSION_KEY': launch.secrets.SESSION_KEY })).toBe(
    containerFiles(site!, launch, place)['site.json'],
  )
})
