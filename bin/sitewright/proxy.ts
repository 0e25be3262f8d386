import http from 'node:http'

/**
 * Sends requests through the proxy of HTTPS_PROXY, except to hosts of NO_PROXY and to this machine.
 * Before Node.js 24.14 only NODE_USE_ENV_PROXY does that, which Node.js reads at its start.
 */
export const useProxy = ({
  HTTPS_PROXY,
  https_proxy: proxy = HTTPS_PROXY,
  NO_PROXY,
  no_proxy: direct = NO_PROXY,
}: Readonly<Record<string, string | undefined>>): void => {
  if (!proxy) return
  http.setGlobalProxyFromEnv?.({
    https_proxy: /^\w+:\/\//.test(proxy) ? proxy : `http://${proxy}`,
    // Plain HTTP is for this machine alone, and Node.js would send it to HTTP_PROXY.
    no_proxy: [direct, 'localhost', '.localhost', '127.0.0.1', '::1'].filter(Boolean).join(','),
  })
}
