import { fileURLToPath } from 'node:url'
import { readBlueprintFiles } from '../adapters/files/blueprint-files.ts'
import { ConfigError, SitewrightError } from '../core/errors.ts'
import { createApp } from '../lib/app.ts'
import { layerDirectory } from '../lib/duckdb-layer-files.ts'
import { pageSettings } from '../web/build/page-settings.ts'
import { runToEnd } from './command-line/run-to-end.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

const synthesise = async (): Promise<void> => {
  // Imported here, so that the catch below reports an invalid configuration. The bundler imports it too.
  const { default: config } = await import('../sitewright.config.ts')
  const { bundleFunctions, bundleSiteHelper } = await import('../lib/bundles.ts')
  const { blueprints, resolvePath } = await readBlueprintFiles(`${root}blueprints`, config.offeredBlueprints)
  const bundles = () => bundleFunctions(`${root}cdk.out/bundles`)
  const { buildPages } = await import('../web/build/build-pages.ts')
  const pages = (sitesDomain: string) => buildPages(pageSettings({ config, sitesDomain, blueprints }))
  const duckdb = await layerDirectory(root, `${root}cdk.out`)
  const siteHelper = await bundleSiteHelper(`${root}cdk.out/bundles`)
  const app = await createApp({ config, blueprints, resolvePath, bundles, pages, root, siteHelper, duckdb })
  app.synth()
}

await runToEnd(() =>
  synthesise().then(
    () => 0,
    (error: unknown) => {
      // The person who can correct it needs the sentence, not the stack.
      console.error(error instanceof ConfigError || error instanceof SitewrightError ? error.message : error)
      return 1
    },
  ),
)
