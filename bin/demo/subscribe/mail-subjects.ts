/** What the mails about paying for a site of this name say at their top. */
export const billingSubjects = (name: string, hostname: string) => ({
  bought: `Your subscription for ${name} has started`,
  verified: `${hostname} is connected to your site`,
  overdue: `A payment for ${name} did not go through`,
  offIn: (days: string) => `Your site ${name} will be suspended in ${days}`,
  paid: `We received the payment for ${name}`,
  cancelled: `The subscription of ${name} is cancelled`,
})
export type BillingSubjects = ReturnType<typeof billingSubjects>
