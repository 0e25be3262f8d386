import type { SiteDirectory } from '../../core/ports/site-lists.ts'
import type { Router } from '../../router/create-router.ts'
import { isFromThisMachine } from './console-requests.ts'
import { sendResult } from './send-result.ts'

/** Where the TLS proxy asks. */
export const certificateNamesPath = '/_local/certificate'

/**
 * Answers the TLS proxy of a public host, on the same machine, whether it should obtain a certificate for a name: 200 for the
 * console, offers and for every site's hostname and domain, 404 for others. Without the question, strangers could use up the limits of
 * the certificate authority. https://caddyserver.com/docs/automatic-https#on-demand-tls
 */
export const answerCertificateNames = (
  router: Router,
  { consoleHostnames, directory }: { readonly consoleHostnames: readonly string[]; readonly directory: SiteDirectory },
): Router => ({
  ...router,
  request: (request, response, hostname) => {
    const isAsked = request.url?.startsWith(`${certificateNamesPath}?`) === true && isFromThisMachine(request, hostname)
    if (!isAsked) return router.request(request, response, hostname)
    const name = new URLSearchParams(request.url?.split('?')[1]).get('domain')?.toLowerCase() ?? ''
    const isServed = async (): Promise<boolean> =>
      consoleHostnames.includes(name) || (name !== '' && (await directory.find(name)) !== undefined)
    isServed().then(
      (served) => sendResult(request, response, { statusCode: served ? 200 : 404 }),
      // The proxy asks again with the next connection.
      () => sendResult(request, response, { statusCode: 503 }),
    )
  },
})
