// The least that a site can be: it says who it is, so that nobody takes another site's answer for its own.
import { createServer } from 'node:http'

createServer((request, response) => {
  response.writeHead(request.url === '/sick' ? 500 : 200, { connection: 'close' })
  response.end(process.env.SITEWRIGHT_SITE_ID)
}).listen(Number(process.env.PORT), process.env.HOST)
