/** The companies of the installation in the order of their sign-ups. */
const names =
  `North Bakery|Harbour Tools|Bright Dental|Oak & Finch Interiors|Lumen Optics|Alpine Cycles|Maple Street School
Riverside Yoga|Kestrel Logistics|Fontaine Perfumes|Blue Door Books|Sato Ceramics|Greenfield Nurseries|Castle Hotel
Tidal Energy|Hilltop Veterinary Clinic|Orchard Cider|Novak Architects|Silver Lane Cinema|Pine Ridge Camping|Delta Couriers
Quartz Jewellers|Meadow Dairy|Lindqvist Furniture|Copper Kettle Coffee|Union Printworks|Bay View Realty|Falcon Security
Willow Day Nursery|Crown Upholstery|Stone & Sons Masonry|The International Association of Independent Flower Growers
מאפיית הצפון|Amber Brewery|Zenith Robotics|Holm Shipping|Cedar Law|Viola Music School|Rapid Plumbing`.split(/[|\n]/)

const people = ['ada', 'ben', 'cleo', 'dana', 'emil', 'fay', 'gus', 'hana', 'ivo', 'jana'] as const
const campaigns = [
  { source: 'google', medium: 'cpc', campaign: 'spring' },
  { source: 'newsletter', medium: 'email', campaign: 'product-news' },
  { source: 'linkedin', medium: 'social', campaign: 'founders' },
  {},
] as const

/** How many days pass before each step, ninety in all. In the last week people use their sites on several days. */
export const steps = [...Array.from({ length: 12 }, () => 7), 2, 2, 2] as const

const slugOf = (name: string, index: number): string =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 40) || `company-${index}`

export interface Company {
  readonly name: string
  readonly slug: string
  readonly email: string
  /** The step in which they sign up. The last one does so after all of them. */
  readonly step: number
  readonly attribution: object
  /** What they buy in the next step. */
  readonly plan: 'starter' | 'growth' | undefined
  /** How often they open their site in each step. */
  readonly visits: number
}

export const companies: readonly Company[] = names.map((name, index) => {
  const slug = slugOf(name, index)
  const buys = index % 4 === 0
  return {
    name,
    slug,
    email: `${people[index % people.length]}@${slug}.example`,
    step: index === names.length - 1 ? steps.length : Math.floor(steps.length * (index / names.length) ** 0.75),
    attribution: campaigns[index % campaigns.length] ?? {},
    plan: buys ? (index % 8 === 0 ? 'growth' : 'starter') : undefined,
    visits: buys ? 6 : (index % 3) * 2,
  }
})
