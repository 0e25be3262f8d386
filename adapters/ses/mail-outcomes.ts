import * as z from 'zod'
import type { Log } from '../../core/ports/context.ts'
import type { MailOutcome, SentMail } from './ses-mailer.ts'

const one = z.tuple([z.string()]).transform(([value]) => value)

/** The detail of an event of SES, so far as we use it. Source: the Amazon SES Developer Guide, "Contents of event data". */
const detailSchema = z.object({
  mail: z.object({ tags: z.object({ mail: one.optional(), site: one.optional() }) }),
  bounce: z
    .object({
      bounceType: z.string(),
      bounceSubType: z.string(),
      bouncedRecipients: z.array(z.object({ action: z.string().optional() })),
    })
    .optional(),
  complaint: z
    .object({ complaintSubType: z.string().nullish(), complaintFeedbackType: z.string().nullish() })
    .optional(),
  reject: z.object({ reason: z.string() }).optional(),
})

const suppressed = 'OnAccountSuppressionList'

/** Undefined for what is none: SES also takes the automatic reply of a person who is away for a bounce. */
const outcomeOf = ({ bounce, complaint, reject }: z.infer<typeof detailSchema>): MailOutcome | undefined => {
  if (bounce !== undefined) {
    const { bounceType, bounceSubType, bouncedRecipients } = bounce
    const isReport = bouncedRecipients.some(({ action }) => action === 'failed')
    if (bounceType === 'Transient' && bounceSubType === 'General' && !isReport) return undefined
    return { status: 'undeliverable', reason: `bounce: ${bounceType}, ${bounceSubType}` }
  }
  if (reject !== undefined) return { status: 'undeliverable', reason: `rejected by SES: ${reject.reason}` }
  if (complaint === undefined) return undefined
  const { complaintSubType, complaintFeedbackType } = complaint
  return complaintSubType === suppressed
    ? { status: 'undeliverable', reason: `complaint: ${suppressed}` }
    : { status: 'marked-as-spam', reason: `complaint: ${complaintFeedbackType ?? 'without a type'}` }
}

/**
 * Notes what became of a mail that SES took over, by the detail of the event about it. The event may be late or come again.
 * @throws {z.ZodError} for a detail of another form.
 */
export const createMailOutcomes =
  ({ sent, log }: { readonly sent: Pick<SentMail, 'note'>; readonly log: Log }) =>
  async (detail: unknown): Promise<void> => {
    const event = detailSchema.parse(detail)
    const { mail: id, site: siteId } = event.mail.tags
    const outcome = outcomeOf(event)
    if (id === undefined || outcome === undefined) return
    const fields = { id, siteId, reason: outcome.reason }
    if (outcome.status === 'undeliverable') log.error({ event: 'mail-refused', ...fields }, 'a mail was not delivered')
    else log.warn({ event: 'mail-marked-as-spam', ...fields }, 'a mail was marked as spam')
    await sent.note(id, outcome)
  }
