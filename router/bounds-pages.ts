import type { Page } from './page.ts'
import type { AnswerBounds } from './upstream/site-connection.ts'

/** Nobody should repeat what may be done already. */
export const perhapsDone = 'Before you send the request again, check whether it was carried out.'

/** The site may still do it. */
export const silentPage = ({ silentMilliseconds }: AnswerBounds): Page => ({
  status: 504,
  problem: 'site-silent',
  title: 'This site takes too long to answer',
  value: `${silentMilliseconds / 1000}`,
  detail:
    'The site did not begin its answer within {value} s. It may still be working on the request: before you ' +
    'send it again, check whether it was carried out.',
})

export const answerFieldsPage = ({ fieldsBytes }: AnswerBounds): Page => ({
  status: 502,
  problem: 'answer-fields-too-large',
  title: 'This site sent an answer that cannot be passed on',
  value: `${fieldsBytes / 1024}`,
  detail: 'The header fields of its answer have more than {value} KiB. The makers of the site can allow more.',
})

export const requestFieldsPage = ({ fieldsBytes }: Pick<AnswerBounds, 'fieldsBytes'>): Page => ({
  status: 431,
  problem: 'request-fields-too-large',
  title: 'This request is too large for the site',
  value: `${fieldsBytes / 1024}`,
  detail:
    'Its address and header fields have more than {value} KiB. In a browser, cookies are usually the cause: delete ' +
    'the cookies of this site and try again.',
})
