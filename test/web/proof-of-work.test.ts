import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRandomness } from '../../adapters/randomness.ts'
import { functions as definitions } from '../../lambdas/manifest.ts'
import { createApiGateway } from '../../local/gateway/api-gateway.ts'
import { createStaticFiles } from '../../local/gateway/static-files.ts'
import config from '../../sitewright.config.ts'
import { buildPages } from '../../web/build/build-pages.ts'
import { pageSettings } from '../../web/build/page-settings.ts'
import { openStrictStage } from '../abuse/strangers.ts'
import type { ApiStage } from '../lambdas/api-stage.ts'
import { served } from '../local/served.ts'
import { hasBrowser, launchBrowser } from '../support/browser.ts'
import { unlimited } from '../support/signing-up.ts'
import { watchErrors } from './watch-page.ts'

const log = { info: () => undefined, warn: () => undefined, error: () => undefined }

describe.skipIf(!hasBrowser())('the page with proof of work', () => {
  let stage: ApiStage
  let browser: Browser
  let server: Awaited<ReturnType<typeof served>>

  beforeAll(async () => {
    stage = await openStrictStage({ ...unlimited, proofOfWork: { ...unlimited.proofOfWork, when: 'always' } })
    const functions = (['public-api', 'owner-api'] as const).map((name) => ({
      name,
      definition: definitions.find((one) => one.name === name)!,
      invoke: (event: unknown) => stage.invoke(event as APIGatewayProxyEventV2),
    }))
    const api = createApiGateway(functions, { randomness: createRandomness(), log })
    const settings = pageSettings({ config, sitesDomain: 'localhost', blueprints: [] })
    const files = await createStaticFiles(await buildPages(settings))
    server = await served((request, response) => {
      const url = new URL(request.url ?? '/', 'http://localhost')
      if (!files(request, response, url.pathname)) void api(request, response, url)
    })
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await server?.[Symbol.asyncDispose]()
    await stage?.[Symbol.asyncDispose]()
  })

  test('solves the challenge automatically and continues to the code', async () => {
    const page = await browser.newPage()
    page.setDefaultTimeout(240_000)
    watchErrors(page)
    // The worker waits until the note has been seen.
    const { promise: seen, resolve } = Promise.withResolvers<void>()
    await page.route('**/proof-worker-*.js', async (route) => {
      await seen
      await route.continue()
    })
    await page.goto(`http://localhost:${server.port}`)
    await page.getByLabel('E-mail address').fill('ada@example.com')
    await page.getByRole('button', { name: 'Send me a code' }).click()
    await page.getByText('One moment').waitFor()
    resolve()
    await page.getByRole('heading', { name: 'Enter your code' }).waitFor()
    expect(stage.codeFor('ada@example.com')).toMatch(/^[B-Z]{4}-[B-Z]{4}$/)
    await page.close()
  })
})
