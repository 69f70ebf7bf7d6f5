"""Makes the tables, one queue and one agent, and prints the queue's id and the agent's token."""

import sys

import django
from django.core.management import call_command

django.setup()
call_command("migrate", verbosity=0)

from django.contrib.auth.models import User  # noqa: E402  models need the set-up above
from helpdesk.models import Queue  # noqa: E402  as above
from rest_framework.authtoken.models import Token  # noqa: E402  as above

agent = User.objects.create_superuser("ada")
queue = Queue.objects.create(title="Desk", slug="desk")
sys.stdout.write(f"{queue.pk} {Token.objects.create(user=agent).key}\n")
