-- How long accounts that signed up in the period took until they paid, by offer, variant, campaign, or week.
-- segment: which offer, variant or campaign; or the Monday of the week of the sign-up.
-- sign_ups: accounts that signed up in the period. paid: how many of these paid until now.
-- quarter_days, median_days, three_quarters_days: a quarter, half, and three quarters of those that paid did so within so many days.
-- paid_day_1: paid within a day. paid_day_7: after that, within seven days; and so on. paid_later: after 30 days.
-- 1,000 rows are shown: by campaign the largest 999, and `other` with those beyond, because a campaign is whatever an address said.
WITH accounts AS (
  SELECT
    account,
    min(signed_up_at) AS origin_at,
    min(offer) AS offer,
    min(variant) AS variant,
    min(campaign) AS campaign,
    min(CASE WHEN monthly_amount > 0 THEN "at" END) AS paid_at
  FROM events
  CROSS JOIN parameters
  WHERE signed_up_at >= from_at AND signed_up_at < until_at AND (only_offer IS NULL OR offer = only_offer)
  GROUP BY account
),
durations AS (
  SELECT
    CASE group_by
      WHEN 'variant' THEN offer || ': ' || coalesce(variant, '–')
      WHEN 'campaign' THEN coalesce(campaign, '–')
      WHEN 'week' THEN CAST(CAST(date_trunc('week', origin_at) AS DATE) AS VARCHAR)
      ELSE offer
    END AS segment,
    CAST(date_diff('millisecond', origin_at, paid_at) AS DOUBLE) / 86400000 AS days
  FROM accounts
  CROSS JOIN parameters
),
places AS (
  SELECT segment, row_number() OVER (ORDER BY count(*) DESC, segment) AS place
  FROM durations
  GROUP BY segment
),
folded AS (
  SELECT
    CASE WHEN group_by = 'campaign' AND place > 999 THEN 'other' ELSE durations.segment END AS segment,
    CASE WHEN group_by = 'campaign' THEN place ELSE 0 END AS place,
    days
  FROM durations
  JOIN places ON places.segment = durations.segment
  CROSS JOIN parameters
),
ranked AS (
  SELECT
    segment,
    place,
    days,
    row_number() OVER (PARTITION BY segment ORDER BY days NULLS LAST) AS nth,
    count(days) OVER (PARTITION BY segment) AS paid
  FROM folded
)
SELECT
  segment,
  count(*) AS sign_ups,
  max(paid) AS paid,
  max(CASE WHEN nth = ceil(0.25 * paid) THEN days END) AS quarter_days,
  max(CASE WHEN nth = ceil(0.5 * paid) THEN days END) AS median_days,
  max(CASE WHEN nth = ceil(0.75 * paid) THEN days END) AS three_quarters_days,
  count(CASE WHEN days <= 1 THEN 1 END) AS paid_day_1,
  count(CASE WHEN days > 1 AND days <= 7 THEN 1 END) AS paid_day_7,
  count(CASE WHEN days > 7 AND days <= 14 THEN 1 END) AS paid_day_14,
  count(CASE WHEN days > 14 AND days <= 30 THEN 1 END) AS paid_day_30,
  count(CASE WHEN days > 30 THEN 1 END) AS paid_later
FROM ranked
GROUP BY segment
ORDER BY min(place), segment
