-- All that stands behind a posted document is as its certificate says
select
    broken.subject,
    broken.problem
from post.certificate_breaks(null) as broken
