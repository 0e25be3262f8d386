-- What the trials that began in the period cost: the hours that their sites were awake until they paid or got another plan, by offer, variant, campaign, or week.
-- segment: which offer, variant or campaign; or the Monday of the week in which the trial began.
-- trials: how many began in the period. paid: how many of their sites paid until now.
-- awake_hours: for how many hours they were awake. hours_each: for how many each was on average.
-- cost: what the hours cost, at the configured cost of an hour. cost_each: what each trial cost on average.
-- cost_of_customer: what the trials cost for each of them that paid.
-- 1,000 rows are shown: by campaign the largest 999, and `other` with those beyond, because a campaign is whatever an address said.
WITH sites AS (
  SELECT
    site,
    min(offer) AS offer,
    min(variant) AS variant,
    min(campaign) AS campaign,
    -- The plan says whether it is a trial, as in isTrialPlan.
    min(CASE WHEN type IN ('SiteRequested', 'SiteClaimed', 'PreparedSiteClaimed') AND (plan = 'trial' OR plan LIKE 'trial-%') THEN "at" END) AS origin_at,
    min(CASE WHEN monthly_amount > 0 THEN "at" END) AS paid_at,
    min(CASE WHEN monthly_amount > 0 OR NOT (plan = 'trial' OR plan LIKE 'trial-%') THEN "at" END) AS ended_at
  FROM events
  CROSS JOIN parameters
  WHERE site IS NOT NULL AND (only_offer IS NULL OR offer = only_offer)
  GROUP BY site
),
trials AS (
  SELECT sites.*
  FROM sites
  CROSS JOIN parameters
  WHERE origin_at >= from_at AND origin_at < until_at AND (ended_at IS NULL OR ended_at > origin_at)
),
statuses AS (
  SELECT
    site,
    type IN ('SiteOpened', 'SiteClaimed', 'SiteWoke', 'SiteResumed', 'SiteRestored') AS is_awake,
    "at" AS from_time,
    lead("at") OVER (PARTITION BY site ORDER BY "at") AS until_time
  FROM events
  WHERE type IN (
    'SiteOpened', 'SiteClaimed', 'SiteWoke', 'SiteResumed', 'SiteRestored',
    'SiteFellAsleep', 'SiteSuspended', 'SiteArchived', 'SitePurged'
  )
),
awake AS (
  SELECT
    statuses.site,
    CAST(sum(date_diff('millisecond', from_time, least(coalesce(until_time, as_of), coalesce(ended_at, as_of), as_of))) AS DOUBLE) / 3600000 AS hours
  FROM statuses
  JOIN trials ON trials.site = statuses.site
  CROSS JOIN parameters
  -- The data set may have rows after its time.
  WHERE is_awake AND from_time < least(coalesce(ended_at, as_of), as_of)
  GROUP BY statuses.site
),
segments AS (
  SELECT
    CASE group_by
      WHEN 'variant' THEN offer || ': ' || coalesce(variant, '–')
      WHEN 'campaign' THEN coalesce(campaign, '–')
      WHEN 'week' THEN CAST(CAST(date_trunc('week', origin_at) AS DATE) AS VARCHAR)
      ELSE offer
    END AS segment,
    paid_at,
    coalesce(hours, 0) AS hours,
    coalesce(hours, 0) * awake_hour_cost AS cost
  FROM trials
  CROSS JOIN parameters
  LEFT JOIN awake ON awake.site = trials.site
),
places AS (
  SELECT segment, row_number() OVER (ORDER BY count(*) DESC, segment) AS place
  FROM segments
  GROUP BY segment
),
folded AS (
  SELECT
    CASE WHEN group_by = 'campaign' AND place > 999 THEN 'other' ELSE segments.segment END AS segment,
    CASE WHEN group_by = 'campaign' THEN place ELSE 0 END AS place,
    paid_at, hours, cost
  FROM segments
  JOIN places ON places.segment = segments.segment
  CROSS JOIN parameters
)
SELECT
  segment,
  count(*) AS trials,
  count(paid_at) AS paid,
  sum(hours) AS awake_hours,
  avg(hours) AS hours_each,
  sum(cost) AS cost,
  avg(cost) AS cost_each,
  CASE WHEN count(paid_at) > 0 THEN CAST(sum(cost) AS DOUBLE) / count(paid_at) END AS cost_of_customer
FROM folded
GROUP BY segment
ORDER BY min(place), segment
