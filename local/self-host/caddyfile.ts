import { reachPath } from '../../lambdas/domains/custom-domain.ts'
import { certificateNamesPath } from '../gateway/certificate-names.ts'
import type { Settings } from '../settings.ts'

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

${new URL(consoleUrl).hostname} {
	reverse_proxy ${host}
}

*.${sitesDomain} {
	tls ${certificates}/fullchain.pem ${certificates}/privkey.pem
	reverse_proxy ${host}
}

https:// {
	tls {
		on_demand
	}
	reverse_proxy ${host}
}

http:// {
	handle ${reachPath}* {
		reverse_proxy ${host}
	}
	handle {
		redir https://{host}{uri} 308
	}
}
`
}
