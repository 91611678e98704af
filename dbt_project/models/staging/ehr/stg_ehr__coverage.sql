-- A person who pays is no code of a payer: the kind of the reference stands for it.
with source as (
    {{ latest_record('raw_ehr', 'Coverage') }}
)

select
    source.record_id,
    source.resource_id as coverage_id,
    payer.beneficiary_id as patient_id_ehr,
    case
        when payer.kind in ('Patient', 'RelatedPerson') then payer.kind
        when payer.payer_id = payer.beneficiary_id then 'Patient'
        else payer.payer_id
    end as payer_id_ehr,
    coalesce(fhir.status, 'unknown') as coverage_status,
    case
        when fhir."order" ~ '^[1-9][0-9]{0,8}$' then fhir."order"::integer
    end as coverage_order,
    {{ as_date("left(fhir.period ->> 'start' || '-01-01', 10)") }} as from_date,
    case length(fhir.period ->> 'end')
        when 4 then {{ as_date("(fhir.period ->> 'end' || '-12-31')") }}
        when 7 then {{ month_end(as_date("(fhir.period ->> 'end' || '-01')")) }}
        else {{ as_date("(fhir.period ->> 'end')") }}
    end as through_date
from source
inner join lateral jsonb_to_record(source.body) as fhir (
    status text,
    beneficiary jsonb,
    payor jsonb,
    "order" text,
    period jsonb
) on true
cross join
    lateral (
        values
        (
            coalesce(
                fhir.payor -> 0 ->> 'type',
                substring(
                    fhir.payor -> 0 ->> 'reference', '(?:^|/)(Patient|RelatedPerson)/'
                )
            ),
            {{ reference_id('(fhir.payor -> 0)') | indent(12) }},
            {{ reference_id('fhir.beneficiary') | indent(12) }}
        )
    ) as payer (kind, payer_id, beneficiary_id)
