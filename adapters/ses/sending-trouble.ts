import {
  AccountSuspendedException,
  BadRequestException,
  MailFromDomainNotVerifiedException,
  MessageRejected,
  NotFoundException,
  SESv2ServiceException,
  SendingPausedException,
} from '@aws-sdk/client-sesv2'
import type { MailMessage } from '../../core/ports/delivery.ts'

/**
 * `refused`: this message, for good. `blocked`: every message, until an operator puts something right. `passing`: may go
 * through when it is tried again.
 */
export type SendingTrouble =
  | { readonly kind: 'refused' | 'blocked'; readonly reason: string }
  | { readonly kind: 'passing' }

const anyAddress = /[^\s<>,;:]+@[^\s<>,;:]+/g

/** Without what SES repeats of a message. */
const reasonOf = ({ name, message }: Error, { code }: Pick<MailMessage, 'code'>): string => {
  const text = `${name}: ${message}`.replaceAll(anyAddress, '…').slice(0, 300)
  return code ? text.replaceAll(code, '…') : text
}

/** `MessageRejected` also says that a sender, or in the sandbox a recipient, is not verified. */
const isBlocked = (error: Error): boolean =>
  error instanceof AccountSuspendedException ||
  error instanceof MailFromDomainNotVerifiedException ||
  error instanceof NotFoundException ||
  error instanceof SendingPausedException ||
  (error instanceof MessageRejected && /not verified/i.test(error.message))

/** What a failed SendEmail (SESv2) means for the message. */
export const sendingTrouble = (error: unknown, message: Pick<MailMessage, 'code'>): SendingTrouble => {
  if (!(error instanceof SESv2ServiceException)) return { kind: 'passing' }
  if (isBlocked(error)) return { kind: 'blocked', reason: reasonOf(error, message) }
  const isRefused = error instanceof BadRequestException || error instanceof MessageRejected
  return isRefused ? { kind: 'refused', reason: reasonOf(error, message) } : { kind: 'passing' }
}
