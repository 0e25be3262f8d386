/**
 * Runs in CloudFront for each request for the pages: a folder's page is `index.<language>.html`. The language is the chosen one,
 * which a cookie holds, otherwise the browser's first that we have. One machine does the same (local/gateway).
 */

// The directories of the pages at hostnames of offers: a deployment writes them here.
var pagesAt = {}

function directoryOf(request) {
  var host = request.headers.host ? request.headers.host.value.toLowerCase() : ''
  return Object.keys(pagesAt).includes(host) ? `/${pagesAt[host]}` : ''
}

function languageOf(request) {
  var chosen = request.cookies['language'] ? [request.cookies['language'].value] : []
  var header = request.headers['accept-language']
  var wanted = chosen.concat(header ? header.value.split(',') : [])
  var codes = wanted.map((range) => range.trim().slice(0, 2).toLowerCase())
  return codes.find((code) => code === 'en' || code === 'de') || 'en'
}

function queryOf(request) {
  // As it was sent, without `?`, or undefined: docs.aws.amazon.com/AmazonCloudFront, "General helper methods".
  var query = request.rawQueryString()
  return query ? `?${query}` : ''
}

// biome-ignore lint/correctness/noUnusedVariables: CloudFront calls it.
function handler(event) {
  var request = event.request
  if (request.uri.endsWith('/')) {
    request.uri = `${directoryOf(request)}${request.uri}index.${languageOf(request)}.html`
  }
  // Nothing but a plain path: `//host` in a redirect would name another host.
  else if (/^(\/[\w-]+)+$/.test(request.uri)) {
    return {
      statusCode: 302,
      statusDescription: 'Found',
      headers: { location: { value: `${request.uri}/${queryOf(request)}` } },
    }
  }
  return request
}
