"""Write files for the tools that check other kinds of files than ours: ``python bench/other_kinds.py FOLDER COUNT``.

``FOLDER/templates`` gets CloudFormation templates, ``FOLDER/workflows`` workflows of GitHub's: each about as long as a
manifest of generate.py, all different, none with anything to complain of, so that no tool's time goes into printing.
"""

import os
import sys
from collections.abc import Callable, Iterator

QUEUES = (
    "Orders", "Parcels", "Refunds", "Offers", "Returns", "Invoices", "Reminders", "Ratings", "Welcomes", "Surveys", "Alerts",
)  # fmt: skip  # a list of words
JOBS = ("lint", "types", "unit", "docs", "package", "smoke", "load", "licences", "spelling")


def write(folder: str, count: int) -> None:
    """Write so many files of each kind."""
    kinds: dict[str, Callable[[int], Iterator[str]]] = {"templates": template, "workflows": workflow}
    for kind, lines in kinds.items():
        os.makedirs(os.path.join(folder, kind), exist_ok=True)
        for index in range(count):
            with open(os.path.join(folder, kind, f"brand-{index:05}.yaml"), "w", encoding="utf-8") as file:
                file.writelines(f"{line}\n" for line in lines(index))


def template(index: int) -> Iterator[str]:
    """The lines of a CloudFormation template: eleven encrypted queues."""
    yield f"# Brand {index}: what its messages wait in."
    yield 'AWSTemplateFormatVersion: "2010-09-09"'
    yield f"Description: The queues that messages of brand {index} wait in before they leave"
    yield "Resources:"
    yield f"  Lost{index}:"
    yield "    Type: AWS::SQS::Queue"
    yield "    DeletionPolicy: Retain"
    yield "    UpdateReplacePolicy: Retain"
    yield "    Properties:"
    yield f"      QueueName: brand-{index}-lost"
    yield "      KmsMasterKeyId: alias/aws/sqs"
    yield "      MessageRetentionPeriod: 1209600"
    for place, name in enumerate(QUEUES):
        yield f"  {name}{index}:"
        yield "    Type: AWS::SQS::Queue"
        yield "    DeletionPolicy: Retain"
        yield "    UpdateReplacePolicy: Retain"
        yield "    Properties:"
        yield f"      QueueName: brand-{index}-{name.lower()}"
        yield "      KmsMasterKeyId: alias/aws/sqs"
        yield f"      MessageRetentionPeriod: {86_400 + index}"
        yield f"      VisibilityTimeout: {30 + place}"
        yield "      RedrivePolicy:"
        yield f"        deadLetterTargetArn: !GetAtt Lost{index}.Arn"
        yield "        maxReceiveCount: 5"
        yield "      Tags:"
        yield "        - {Key: team, Value: crm-platform}"
        yield f'        - {{Key: brand, Value: "{index}"}}'
    yield "Outputs:"
    yield f"  Address{index}:"
    yield "    Description: Where orders are to be put"
    yield f"    Value: !Ref {QUEUES[0]}{index}"


def workflow(index: int) -> Iterator[str]:
    """The lines of a workflow: nine jobs without rights."""
    yield f"# Brand {index}: what must hold before its messages change."
    yield f"name: Brand {index}"
    yield "on:"
    yield "  push:"
    yield f"    branches: [brand-{index}]"
    yield "permissions: {}"
    yield "concurrency:"
    yield f"  group: brand-{index}-${{{{ github.ref }}}}"
    yield "  cancel-in-progress: true"
    yield "jobs:"
    for name in JOBS:
        yield f"  {name}:"
        yield f"    name: {name.title()} of brand {index}"
        yield "    runs-on: ubuntu-24.04"
        yield "    timeout-minutes: 10"
        yield "    permissions:"
        yield "      contents: read  # to check out"
        yield "    steps:"
        yield "      - name: Check out"
        yield "        uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0"
        yield "        with:"
        yield "          persist-credentials: false"
        yield f"      - name: Set up for {name}"
        yield "        run: |"
        yield "          python3 -m venv .venv"
        yield "          .venv/bin/pip install --require-hashes --requirement requirements.txt"
        yield f"      - name: Run {name}"
        yield "        env:"
        yield f'          BRAND: "{index}"'
        yield "        run: |"
        yield f'          .venv/bin/{name} --brand "$BRAND" --output result.txt'
        yield "          cat result.txt"


if __name__ == "__main__":
    write(sys.argv[1], int(sys.argv[2]))
