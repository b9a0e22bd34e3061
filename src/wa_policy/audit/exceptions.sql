-- The rows to be looked at, one for each reason: personal data, written on request alone (--exceptions), by DuckDB.
-- It reads the table "typed" of opt_in.sql, and "given", one row: whether a list of the provider was given, be it empty.
--   kind     what is wrong with the number or the status, in the words of the evidence; a row without an id and without a usable
--            number cannot be named otherwise
--   mobile   the number as WhatsApp knows it
WITH read AS (
  SELECT
    side, id, phone, status, spaces, number,
    CASE number
      WHEN 2 THEN 'missing'
      WHEN 3 THEN 'spaces'
      WHEN 4 THEN 'separators'
      WHEN 5 THEN 'decimal'
      WHEN 6 THEN 'double_zero'
      WHEN 11 THEN 'exponent'
      WHEN 12 THEN 'unicode_digits'
      WHEN 13 THEN 'letters'
      WHEN 14 THEN 'trunk_zero'
      WHEN 15 THEN 'calling_code'
      WHEN 16 THEN 'too_short'
      WHEN 17 THEN 'too_long'
      WHEN 18 THEN 'other'
    END AS kind
  FROM typed
),

users AS (
  SELECT id, phone, status, spaces, number, kind FROM read WHERE side = 1
),

ids AS (
  SELECT
    id,
    COUNT(CASE WHEN side = 1 THEN 1 END) AS user_rows,
    MAX(CASE WHEN status = 1 THEN 1 ELSE 0 END) AS is_true,
    MAX(CASE WHEN status = 2 THEN 1 ELSE 0 END) AS is_false,
    MAX(CASE WHEN status = 1024 THEN 1 ELSE 0 END) AS import_blank
  FROM typed
  WHERE id IS NOT NULL
  GROUP BY id
  HAVING user_rows <> 1 OR import_blank = 1
),

numbers AS (
  SELECT
    phone,
    COUNT(CASE WHEN side = 1 THEN 1 END) AS user_rows,
    COUNT(CASE WHEN side = 2 THEN 1 END) AS bsp_rows,
    MAX(CASE WHEN status = 1 THEN 1 ELSE 0 END) AS is_true,
    MAX(CASE WHEN status = 2 THEN 1 ELSE 0 END) AS is_false,
    MAX(CASE WHEN status = 128 THEN 1 ELSE 0 END) AS is_in,
    MAX(CASE WHEN status = 256 THEN 1 ELSE 0 END) AS is_out
  FROM typed
  WHERE phone IS NOT NULL
  GROUP BY phone
),

-- of the users
of_rows AS (
  SELECT
    'status invalid' AS reason,
    CASE status WHEN 8 THEN 'numeric' WHEN 16 THEN 'words' WHEN 32 THEN 'sms_vocabulary' ELSE 'other' END AS kind,
    id, phone, status
  FROM users
  WHERE status > 4
  UNION ALL
  SELECT 'status with white space' AS reason, CAST(NULL AS VARCHAR) AS kind, id, phone, status FROM users WHERE spaces = 1
  UNION ALL
  SELECT 'number not E.164' AS reason, kind, id, phone, status FROM users WHERE number > 6
  UNION ALL
  SELECT 'number to be mended' AS reason, kind, id, phone, status FROM users WHERE number BETWEEN 3 AND 6
  UNION ALL
  SELECT 'TRUE without a usable number' AS reason, kind, id, phone, status FROM users WHERE status = 1 AND phone IS NULL
  UNION ALL
  SELECT 'id missing' AS reason, CAST(NULL AS VARCHAR) AS kind, id, phone, status FROM users WHERE id IS NULL
  UNION ALL
  SELECT 'number at the provider not usable' AS reason, kind, id, phone, CAST(NULL AS SMALLINT) AS status
  FROM read
  WHERE side = 2 AND phone IS NULL
),

-- of rows that belong together
of_groups AS (
  SELECT CASE WHEN ids.is_true = 1 AND ids.is_false = 1 THEN 'id contradicting' ELSE 'id repeated' END AS reason, id, phone, status
  FROM users
  INNER JOIN ids USING (id)
  WHERE ids.user_rows > 1
  UNION ALL
  SELECT
    CASE WHEN numbers.is_true = 1 AND numbers.is_false = 1 THEN 'number contradicting' ELSE 'number repeated' END AS reason,
    id, phone, status
  FROM users
  INNER JOIN numbers USING (phone)
  WHERE numbers.user_rows > 1
  UNION ALL
  SELECT
    CASE
      WHEN status = 1 AND is_out = 1 THEN 'TRUE but opted out at the provider'
      WHEN status = 1 THEN 'TRUE but unknown to the provider'
      ELSE 'not TRUE but opted in at the provider'
    END AS reason,
    id, phone, status
  FROM users
  INNER JOIN numbers USING (phone)
  WHERE (SELECT list_given FROM given)
    AND ((status = 1 AND NOT (is_in = 1 AND is_out = 0)) OR (status <> 1 AND is_in = 1 AND is_out = 0))
  UNION ALL
  SELECT 'the import would wipe it' AS reason, id, phone, status
  FROM users
  INNER JOIN ids USING (id)
  WHERE ids.import_blank = 1 AND status IN (1, 2)
),

-- of numbers and ids that are no user's, or that no single row is to blame for
of_others AS (
  SELECT 'only at the provider' AS reason, CAST(NULL AS VARCHAR) AS id, phone FROM numbers WHERE user_rows = 0
  UNION ALL
  SELECT 'opted in and out at the provider' AS reason, CAST(NULL AS VARCHAR) AS id, phone
  FROM numbers
  WHERE is_in = 1 AND is_out = 1
  UNION ALL
  SELECT 'status at the provider unclear' AS reason, CAST(NULL AS VARCHAR) AS id, phone
  FROM numbers
  WHERE bsp_rows > 0 AND is_in = 0 AND is_out = 0
  UNION ALL
  SELECT 'only in the import' AS reason, id, CAST(NULL AS BIGINT) AS phone FROM ids WHERE user_rows = 0
),

found AS (
  SELECT reason, kind, id, phone, status FROM of_rows
  UNION ALL
  SELECT reason, CAST(NULL AS VARCHAR) AS kind, id, phone, status FROM of_groups
  UNION ALL
  SELECT reason, CAST(NULL AS VARCHAR) AS kind, id, phone, CAST(NULL AS SMALLINT) AS status FROM of_others
)

SELECT
  reason,
  kind,
  id,
  '+' || CAST(phone AS VARCHAR) AS mobile,
  CASE WHEN status = 1 THEN 'TRUE' WHEN status = 2 THEN 'FALSE' WHEN status = 4 THEN 'blank' WHEN status > 4 THEN 'invalid' END AS status
FROM found
