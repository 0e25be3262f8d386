/** What the mails about paying for a site of this name say at their top. */
export const billingSubjects = (name: string, hostname: string) => ({
  bought: `Your site ${name} is yours to keep`,
  verified: `${hostname} leads to your site`,
  overdue: `A payment for ${name} did not go through`,
  offIn: (days: string) => `Your site ${name} is switched off in ${days}`,
  paid: `The payment for ${name} has come in`,
  cancelled: `The subscription of ${name} is cancelled`,
})
export type BillingSubjects = ReturnType<typeof billingSubjects>
