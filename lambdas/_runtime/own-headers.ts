import type { APIGatewayProxyEventV2 } from 'aws-lambda'

/** The header with the secret that only our CloudFront distribution knows and sends. */
export const originHeader = 'x-sitewright-origin'

/** Pages send it, with the value 1, when they repeat a request by themselves. */
export const pollHeader = 'sitewright-poll'

/** The account that a member acts for, where it is not their own one. No page of another origin can send it. */
export const accountHeader = 'sitewright-account'

/** Whether a page repeats a read without its user. Only a GET can be one. */
export const isPoll = ({ headers, requestContext }: APIGatewayProxyEventV2): boolean =>
  requestContext.http.method === 'GET' && headers[pollHeader] === '1'
