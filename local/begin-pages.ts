import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Blueprint } from '../core/blueprint/blueprint.ts'
import type { Config } from '../core/config/config.ts'
import { buildPages } from '../web/build/build-pages.ts'
import { pageSettings } from '../web/build/page-settings.ts'

const shared = fileURLToPath(new URL('../node_modules/.cache/sitewright-pages', import.meta.url))

/** Begins to build the browser pages, or finds them built. @returns their directory, awaited when everything else has started. */
export const beginPages = (
  installation: { readonly config: Config; readonly sitesDomain: string; readonly blueprints: readonly Blueprint[] },
  home: string,
): Promise<string> => {
  const pages = buildPages(pageSettings(installation), [shared, join(home, 'pages')])
  pages.catch(() => undefined)
  return pages
}
