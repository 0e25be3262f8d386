-- How far the accounts came that signed up in the period, by offer, variant, campaign, or week.
-- segment: which offer, variant or campaign; or the Monday of the week.
-- visits: how often the first page was visited in the period. sign_ups: accounts that signed up in the period.
-- with_site, activated, paid: how many of these accounts got a site, were activated, and paid, at any time until now.
-- sign_up_share: sign-ups of visits. paid_share: paid of sign-ups.
-- 1,000 rows are shown: by campaign the largest 999, and `other` with those beyond, because a campaign is whatever an address said.
WITH accounts AS (
  SELECT
    account,
    min(signed_up_at) AS origin_at,
    min(offer) AS offer,
    min(variant) AS variant,
    min(campaign) AS campaign,
    max(CASE WHEN type IN ('SiteClaimed', 'SiteOpened') THEN 1 ELSE 0 END) AS with_site,
    max(CASE WHEN type = 'LeadActivated' OR stage IN ('activated', 'engaged', 'customer', 'expanding', 'at-risk') THEN 1 ELSE 0 END) AS activated,
    max(CASE WHEN monthly_amount > 0 THEN 1 ELSE 0 END) AS paid
  FROM events
  CROSS JOIN parameters
  WHERE signed_up_at >= from_at AND signed_up_at < until_at AND (only_offer IS NULL OR offer = only_offer)
  GROUP BY account
),
steps AS (
  SELECT origin_at, offer, variant, campaign, 0 AS visits, 1 AS sign_ups, with_site, activated, paid
  FROM accounts
  UNION ALL
  SELECT "at", offer, variant, campaign, visits, 0, 0, 0, 0
  FROM visits
  CROSS JOIN parameters
  WHERE "at" >= from_at AND "at" < until_at AND (only_offer IS NULL OR offer = only_offer)
),
segments AS (
  SELECT
    CASE group_by
      WHEN 'variant' THEN offer || ': ' || coalesce(variant, '–')
      WHEN 'campaign' THEN coalesce(campaign, '–')
      WHEN 'week' THEN CAST(CAST(date_trunc('week', origin_at) AS DATE) AS VARCHAR)
      ELSE offer
    END AS segment,
    visits, sign_ups, with_site, activated, paid
  FROM steps
  CROSS JOIN parameters
),
places AS (
  SELECT segment, row_number() OVER (ORDER BY sum(sign_ups) DESC, sum(visits) DESC, segment) AS place
  FROM segments
  GROUP BY segment
),
folded AS (
  SELECT
    CASE WHEN group_by = 'campaign' AND place > 999 THEN 'other' ELSE segments.segment END AS segment,
    CASE WHEN group_by = 'campaign' THEN place ELSE 0 END AS place,
    visits, sign_ups, with_site, activated, paid
  FROM segments
  JOIN places ON places.segment = segments.segment
  CROSS JOIN parameters
)
SELECT
  segment,
  CAST(sum(visits) AS BIGINT) AS visits,
  CAST(sum(sign_ups) AS BIGINT) AS sign_ups,
  CAST(sum(with_site) AS BIGINT) AS with_site,
  CAST(sum(activated) AS BIGINT) AS activated,
  CAST(sum(paid) AS BIGINT) AS paid,
  CAST(sum(sign_ups) AS DOUBLE) / nullif(sum(visits), 0) AS sign_up_share,
  CAST(sum(paid) AS DOUBLE) / nullif(sum(sign_ups), 0) AS paid_share
FROM folded
GROUP BY segment
ORDER BY min(place), segment
