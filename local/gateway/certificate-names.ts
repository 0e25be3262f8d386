import { reachPath } from '../../lambdas/domains/custom-domain.ts'
import type { Router } from '../../router/create-router.ts'
import type { SiteDirectory } from '../../router/find-upstream.ts'
import type { Settings } from '../settings.ts'
import { isFromThisMachine } from './console-requests.ts'
import { sendResult } from './send-result.ts'

/** Where the TLS proxy asks. */
const certificateNamesPath = '/_local/certificate'

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

/** Where Caddy finds the wildcard certificate, which it cannot obtain itself without a module for the DNS provider. */
const certificates = '/etc/caddy/certificates'

/**
 * Returns the configuration of Caddy for a public host on this machine: the wildcard certificate for sites, one of its own for the
 * console, and certificates on demand for the custom domains that the host serves. Checks of domains that have none yet come over HTTP.
 * @throws {Error} if the host is not public.
 */
export const caddyfile = ({
  port,
  sitesDomain,
  consoleUrl,
  isPublic,
}: Pick<Settings, 'port' | 'sitesDomain' | 'consoleUrl' | 'isPublic'>): string => {
  if (!isPublic)
    throw new Error('set SITEWRIGHT_SITES_DOMAIN and SITEWRIGHT_CONSOLE_URL: without them the host is not public')
  const host = `127.0.0.1:${port}`
  return `{
	on_demand_tls {
		ask http://${host}${certificateNamesPath}
	}
}

(host) {
	reverse_proxy ${host} {
		# Routers close a connection that nothing has used for ten seconds. A request that Caddy sends on it at that moment gets 502.
		transport http {
			keepalive 5s
		}
	}
}

${new URL(consoleUrl).hostname} {
	import host
}

*.${sitesDomain} {
	tls ${certificates}/fullchain.pem ${certificates}/privkey.pem
	import host
}

https:// {
	tls {
		on_demand
	}
	import host
}

http:// {
	handle ${reachPath}* {
		import host
	}
	handle {
		redir https://{host}{uri} 308
	}
}
`
}
